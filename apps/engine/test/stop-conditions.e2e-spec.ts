import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { RequiredAction } from '#lib/contracts';
import { startFakeMcp, type FakeMcp } from './support/mcp-server.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type RunBody, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

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

const http = (name: string) => ({
  ...{ type: 'http', name, description: 'A tool.', method: 'GET', url: `${stage.tools.url}/${name}` },
  inputSchema: { type: 'object', properties: {} },
});
const client = (name: string) => ({
  ...{ type: 'client', name, description: 'A tool of the caller’s.' },
  inputSchema: { type: 'object', properties: {} },
});
const calls = (...names: string[]) => ({
  toolCalls: names.map((name) => ({ name, input: {} })),
  usage: { input: 10, output: 5 },
});
const ASK = { prompt: 'Go.' };
const key = (wire: (typeof WIRES)[number] = WIRES[0]) =>
  stage.tenants.key(tenant, {
    ...{ provider: wire.provider, secret: `sk-${wire.provider}-stops-0123456789` },
    baseUrl: stage.upstream.baseUrls[wire.wire],
  });
const ended = (body: RunBody) => [body.status, body.stopReason, body.steps.length];

/** A run to its end or its pause, in one of the three ways. */
const WAYS: Record<string, (agent: object) => Promise<RunBody>> = {
  sync: async (agent) => (await run(stage, tenant, agent)).body,
  streamed: async (agent) => {
    const body = { nodeExecutionId: newId('req'), agent };
    const headers = { accept: 'text/event-stream' };
    const frames = await allFrames(await send(stage, tenant, 'POST', '/agent-runs', { body, headers }));
    const last = frames.at(-1)!.data as { id: string };
    const { body: whole } = await call(stage, tenant, 'GET', `/agent-runs/${last.id}`);
    expect(last).toMatchObject({ stopReason: whole.stopReason, steps: whole.steps });
    return whole;
  },
  asynchronous: async (agent) => {
    const { body } = await run(stage, tenant, agent, { headers: { prefer: 'respond-async' } });
    return (await call(stage, tenant, 'GET', `/agent-runs/${body.id}?wait=20`)).body;
  },
};

describe.each(WIRES)('#33 stop conditions and rules for steps over $wire', (wire) => {
  it.each(Object.keys(WAYS))('%s: a rule for each step, and a tool whose call ends the run', async (way) => {
    await key(wire);
    stage.upstream.script(
      calls('look'),
      calls('look'),
      { ...calls('finish'), text: 'Almost.' },
      { text: 'No.' },
    );
    const body = await WAYS[way]!({
      ...{ ...ASK, model: wire.model, tools: [http('look'), http('finish')] },
      steps: [
        { to: 2, tools: ['look'], toolChoice: 'required' },
        { from: 3, toolChoice: { tool: 'finish' } },
      ],
      stopWhen: [{ type: 'toolCall', tool: 'finish' }],
    });
    expect(ended(body)).toEqual(['succeeded', 'toolCall', 3]);
    expect(body.steps[2]?.toolCalls[0]?.output).toEqual({ temperature: 21 });
    const asked = stage.upstream.requests.map(({ body: sent }) => sent ?? '');
    expect(asked.map((sent) => sent.includes('"finish"'))).toEqual([false, false, true]);
    expect(asked.map((sent) => /"(required|any|ANY)"/.test(sent))).toEqual([
      true,
      true,
      wire.wire === 'gemini',
    ]);
    expect(stage.tools.calls).toHaveLength(3);
  });
});

describe('#33 what ends a run', () => {
  beforeEach(async () => void (await key()));
  const looking = (stopWhen: object[], more: object = {}) =>
    run(stage, tenant, { ...ASK, tools: [http('look'), client('ask')], stopWhen, ...more });

  it.each([
    ['so many steps', { type: 'steps', count: 2 }, 2],
    ['so many tokens', { type: 'tokens', max: 31 }, 3],
    ['so much money', { type: 'costMicroUsd', max: 13 }, 2],
    ['a text', { type: 'text', contains: 'enough' }, 4],
  ])('%s', async (_, condition, steps) => {
    stage.upstream.script(
      ...[calls('look'), calls('look'), calls('look'), { ...calls('look'), text: 'That is enough.' }],
      { text: 'Never asked for.' },
    );
    const { body } = await looking([{ type: 'text', contains: 'never said' }, condition]);
    expect(ended(body)).toEqual(['succeeded', condition.type, steps]);
    expect(stage.upstream.requests).toHaveLength(steps);
  });

  it('without one it is the model, or its maxSteps', async () => {
    stage.upstream.script({ text: 'enough' }, calls('look'), calls('look'));
    expect(ended((await looking([{ type: 'text', contains: 'enough' }])).body)).toEqual([
      'succeeded',
      'model',
      1,
    ]);
    expect(ended((await looking([{ type: 'steps', count: 5 }], { maxSteps: 2 })).body)).toEqual([
      ...['succeeded', 'maxSteps', 2],
    ]);
  });

  it('a run that was stopped waits for no output of its caller’s, nor for an approval', async () => {
    const tools = [client('ask'), { ...http('look'), needsApproval: true }];
    stage.upstream.script(calls('ask', 'look'));
    const { body } = await looking([{ type: 'toolCall', tool: 'ask' }], { tools });
    expect(ended(body)).toEqual(['succeeded', 'toolCall', 1]);
    expect([body.requiredAction, stage.tools.calls]).toEqual([undefined, []]);
  });

  it('an answer that is to have another form is null where a condition stopped it; maxSteps stays a failure', async () => {
    const output = { type: 'boolean' };
    stage.upstream.respond(() => calls('look'));
    const { body } = await looking([{ type: 'steps', count: 2 }], { output });
    expect([...ended(body), body.output]).toEqual(['succeeded', 'steps', 2, null]);
    const used = await looking([{ type: 'steps', count: 3 }], { output, maxSteps: 2 });
    stage.upstream.respond(() => undefined);
    expect([used.status, used.body.code]).toEqual([422, 'output_invalid']);
  });

  it('a malformed call of the tool does not end it: the model may do better', async () => {
    const inputSchema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    const finish = { ...client('finish'), inputSchema };
    stage.upstream.script(calls('finish'), { toolCalls: [{ name: 'finish', input: { n: 7 } }] });
    const { body } = await looking([{ type: 'toolCall', tool: 'finish' }], { tools: [finish] });
    expect(ended(body)).toEqual(['succeeded', 'toolCall', 2]);
    expect(body.steps[1]?.toolCalls[0]?.input).toEqual({ n: 7 });
  });

  it('a tool that a rule leaves out is not called, whatever the model says', async () => {
    stage.upstream.script(calls('look'), { text: 'I may not.' });
    const { body } = await looking([{ type: 'steps', count: 9 }], { steps: [{ tools: ['ask'] }] });
    expect(ended(body)).toEqual(['succeeded', 'model', 2]);
    expect(body.steps[0]?.toolCalls[0]?.error).toMatch(/look/);
    expect(stage.tools.calls).toEqual([]);
  });

  it('#37 the numbers of steps, and what was used, go on over a pause', async () => {
    stage.upstream.script(calls('look'), calls('ask'), calls('look'), calls('look'), { text: 'No.' });
    const begun = await looking([{ type: 'tokens', max: 60 }], {
      steps: [
        { to: 2, tools: ['look', 'ask'] },
        { from: 3, to: 3, tools: ['look'] },
      ],
    });
    expect([begun.body.status, begun.body.stopReason]).toEqual(['requires_action', undefined]);
    const { toolCalls } = begun.body.requiredAction as RequiredAction;
    const outputs = [{ toolCallId: toolCalls[0]!.toolCallId, output: 'Rome' }];
    const path = `/agent-runs/${begun.body.id}/tool-outputs`;
    const { body } = await call(stage, tenant, 'POST', path, { body: { outputs } });
    expect(ended(body)).toEqual(['succeeded', 'tokens', 4]);
    const offered = stage.upstream.requests.map(({ body: sent }) => JSON.parse(sent ?? '{}').tools.length);
    expect(offered).toEqual([2, 2, 1, 2]);
  });

  it('is refused by pointer where it can’t be', async () => {
    const { status, body } = await looking(
      [{ type: 'toolCall', tool: 'other' }, { type: 'never' }, { type: 'steps', count: 0 }],
      {
        steps: [
          { from: 2, to: 1 },
          { tools: ['look', 'none'], toolChoice: { tool: 'ask' } },
          { colour: 'red' },
        ],
      },
    );
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    const found = (body.errors ?? []).map(({ pointer }) => pointer);
    expect(found).toEqual(
      expect.arrayContaining(['/agent/stopWhen/1/type', '/agent/stopWhen/2/count', '/agent/steps/2/colour']),
    );
    const whole = await looking([{ type: 'toolCall', tool: 'other' }], {
      steps: [
        { from: 2, to: 1 },
        { tools: ['look', 'none'], toolChoice: { tool: 'ask' } },
      ],
    });
    expect(whole.body.errors?.map(({ pointer }) => pointer)).toEqual([
      ...['/agent/stopWhen/0/tool', '/agent/steps/1/tools/1'],
      ...['/agent/steps/0', '/agent/steps/0/to', '/agent/steps/1/toolChoice/tool'],
    ]);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('names of tools that a server brings are judged when it was asked, before the model is', async () => {
    const serverId = await stage.tenants.mcpServer(tenant, { name: 'abacus', url: mcp.url });
    const tools = [{ type: 'mcp', serverId }];
    const refused = await looking([{ type: 'toolCall', tool: 'divide' }], {
      tools,
      steps: [{ tools: ['add', 'x'] }],
    });
    expect(refused.body.errors?.map(({ pointer }) => pointer)).toEqual([
      ...['/agent/stopWhen/0/tool', '/agent/steps/0/tools/1'],
    ]);
    expect(stage.upstream.requests).toEqual([]);
    stage.upstream.script({ toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] });
    const { body } = await looking([{ type: 'toolCall', tool: 'add' }], {
      tools,
      steps: [{ tools: ['add'] }],
    });
    expect([...ended(body), mcp.calls.length]).toEqual(['succeeded', 'toolCall', 1, 1]);
  });

  it('a cost stops no run of a model without a price: it is refused before it begins', async () => {
    const model = 'gpt-unheard-of';
    const { status, body } = await looking([{ type: 'costMicroUsd', max: 5 }], { model });
    expect([status, body.code]).toEqual([422, 'model_not_available']);
    expect(stage.upstream.requests).toEqual([]);
  });
});
