import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { RequiredAction } from '#lib/contracts';
import { startFakeMcp, type FakeMcp } from './support/mcp-server.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type RunBody, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

const ANSWER = 'Take a coat: 42 is what you asked for, and it is 21 degrees.';

let stage: Stage;
let mcp: FakeMcp;
let tenant: Tenant;

beforeAll(async () => {
  mcp = await startFakeMcp();
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${mcp.port}`] });
});
afterAll(async () => {
  await stage?.stop();
  await mcp?.stop();
});
beforeEach(async () => {
  stage.upstream.reset();
  mcp.calls.length = stage.tools.calls.length = 0;
  tenant = await stage.tenants.create();
});

/** Three steps with a tool of each type, then the answer; every step uses another number of tokens. */
function script(): void {
  stage.upstream.script(
    { toolCalls: [{ name: 'weather', input: { city: 'Rome' } }], usage: { input: 10, output: 5 } },
    { toolCalls: [{ name: 'add', input: { a: 21, b: 21 } }], usage: { input: 20, output: 6 } },
    { toolCalls: [{ name: 'ask', input: { question: 'Where to?' } }], usage: { input: 30, output: 7 } },
    { text: ANSWER, usage: { input: 40, output: 8 } },
  );
}

const object = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } } });
const agentOf = (model: string, serverId: string) => ({
  ...{ model, prompt: 'What do I take along?' },
  tools: [
    {
      ...{ type: 'http', name: 'weather', description: 'The weather.', inputSchema: object('city') },
      ...{ method: 'GET', url: `${stage.tools.url}/weather` },
    },
    { type: 'mcp', serverId },
    { type: 'client', name: 'ask', description: 'Asks.', inputSchema: object('question') },
  ],
});

type Finish = (body: Pick<RunBody, 'id' | 'requiredAction'>) => { path: string; body: object };
const bring: Finish = ({ id, requiredAction }) => {
  const [{ toolCallId } = { toolCallId: '' }] = (requiredAction as RequiredAction).toolCalls;
  return {
    path: `/agent-runs/${id}/tool-outputs`,
    body: { outputs: [{ toolCallId, output: { to: 'Rome' } }] },
  };
};
const get = async (id: string) => (await call(stage, tenant, 'GET', `/agent-runs/${id}?wait=20`)).body;

/** Runs the agent to its end, in one of the three ways; answers what it came to. */
const WAYS: Record<string, (agent: object) => Promise<RunBody>> = {
  sync: async (agent) => {
    const { path, body } = bring((await run(stage, tenant, agent)).body);
    return (await call(stage, tenant, 'POST', path, { body })).body;
  },
  streamed: async (agent) => {
    const headers = { accept: 'text/event-stream' };
    const begun = { nodeExecutionId: newId('req'), agent };
    const first = await allFrames(await send(stage, tenant, 'POST', '/agent-runs', { body: begun, headers }));
    const waits = first.at(-1)!;
    const { path, body } = bring({
      id: String(waits.data['id']),
      requiredAction: waits.data['requiredAction'] as RequiredAction,
    });
    const from = { ...headers, 'last-event-id': waits.id };
    const rest = await allFrames(await send(stage, tenant, 'POST', path, { body, headers: from }));
    const all = [...first, ...rest];
    expect(all.filter(({ event }) => event === 'tool.result').map(({ data }) => data['step'])).toEqual([
      1, 2, 3,
    ]);
    expect(
      all
        .filter(({ event }) => event === 'text.delta')
        .map(({ data }) => data['delta'])
        .join(''),
    ).toBe(ANSWER);
    const ended = await get(String(waits.data['id']));
    expect(rest.at(-1)).toMatchObject({
      event: 'run.finished',
      data: { text: ANSWER, usage: ended.usage, steps: ended.steps },
    });
    return ended;
  },
  asynchronous: async (agent) => {
    const headers = { prefer: 'respond-async' };
    const accepted = await run(stage, tenant, agent, { headers });
    expect(accepted.status).toBe(202);
    const { path, body } = bring(await get(accepted.body.id));
    expect((await call(stage, tenant, 'POST', path, { body, headers })).status).toBe(202);
    return get(accepted.body.id);
  },
};

describe.each(WIRES)(
  '#33 #37 an http tool, an MCP tool and a client’s tool over $wire',
  ({ provider, wire, model }) => {
    it.each(Object.keys(WAYS))('%s: one answer, and the usage of all steps', async (way) => {
      await stage.tenants.key(tenant, {
        ...{ provider, secret: `sk-${provider}-three-0123456789` },
        baseUrl: stage.upstream.baseUrls[wire],
      });
      const serverId = await stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url });
      script();
      const body = await WAYS[way]!(agentOf(model, serverId));
      expect([body.status, body.text]).toEqual(['succeeded', ANSWER]);
      expect(body.steps.map(({ toolCalls }) => toolCalls.map(({ name, output }) => [name, output]))).toEqual([
        ...[[['weather', { temperature: 21 }]], [['add', '42']], [['ask', { to: 'Rome' }]], []],
      ]);
      expect(body.usage).toMatchObject({ inputTokens: 100, outputTokens: 26, totalTokens: 126 });
      const costs = body.steps.map(({ usage }) => usage.costMicroUsd ?? Number.NaN);
      expect(body.usage.costMicroUsd).toBe(costs.reduce((sum, cost) => sum + cost, 0));
      expect([mcp.calls.length, stage.tools.calls.length, stage.upstream.requests.length]).toEqual([1, 1, 4]);
    });
  },
);
