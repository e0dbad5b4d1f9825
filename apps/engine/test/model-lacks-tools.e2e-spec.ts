import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const TOOLLESS = 'plain-1';
const PAIR = JSON.stringify({ accessKeyId: 'AKIATOOLLESS0C77AB', secretAccessKey: 'toolless/secret+9f2c' });

type Wire = 'openai' | 'anthropic' | 'gemini' | 'azure' | 'bedrock' | 'vertex';
/** Every wire, with the settings that its provider wants. */
const WIRES: [provider: string, wire: Wire, secret: string, config: Record<string, unknown>][] = [
  ['openai', 'openai', 'sk-toolless-0123456789abc', {}],
  ['anthropic', 'anthropic', 'sk-ant-toolless-0123456789abc', {}],
  ['google', 'gemini', 'AIza-toolless-0123456789abc', {}],
  [
    'azure',
    'azure',
    'azure-toolless-0123456789abc',
    { apiVersion: '2024-10-21', deployments: { [TOOLLESS]: TOOLLESS } },
  ],
  ['bedrock', 'bedrock', PAIR, { region: 'us-east-1' }],
];

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
  // As an operator adds a model that calls no tools to each of them.
  const models = [{ id: TOOLLESS, capabilities: { tools: 'no' } }];
  const edits = { providers: WIRES.map(([slug]) => ({ slug, models })) };
  await stage.db.query(
    `INSERT INTO catalogue_versions (version, edits, action, change, actor, request_id)
     VALUES (1, $1, 'platform:test', '{}', 'operator', 'req_test')`,
    [JSON.stringify(edits)],
  );
  tenant = await stage.tenants.create();
  for (const [provider, wire, secret, config] of WIRES)
    await stage.tenants.key(tenant, { provider, secret, config, baseUrl: stage.upstream.baseUrls[wire] });
});
afterAll(() => stage?.stop());
beforeEach(() => stage.upstream.reset());

const post = (agent: object, accept: string) =>
  send(stage, tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: newId('req'), agent },
    headers: { accept },
  });
const tools = () => [
  {
    ...{
      type: 'http',
      name: 'weather',
      description: 'The weather.',
      method: 'GET',
      url: `${stage.tools.url}/x`,
    },
    inputSchema: { type: 'object', properties: {} },
  },
];

describe.each(WIRES)('#11 a model of %s without tools on a node with tools', (provider) => {
  const agent = { provider, model: TOOLLESS, prompt: 'The weather?' };

  it.each([
    ['the answer', 'application/json'],
    ['a stream', 'text/event-stream'],
  ])('for %s: 422 model_lacks_tools as a plain problem, and no byte goes upstream', async (_, accept) => {
    const answer = await post({ ...agent, tools: tools() }, accept);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const body = (await answer.json()) as { code: string; detail: string; runId?: string };
    expect([answer.status, body.code]).toEqual([422, 'model_lacks_tools']);
    expect(body.detail).toContain(`"${TOOLLESS}"`);
    expect(body).not.toHaveProperty('runId');
    expect([stage.upstream.requests.length, stage.tools.calls.length]).toEqual([0, 0]);
  });

  it('control: without the tools the very same call arrives, once, at this wire', async () => {
    const answer = await post(agent, 'application/json');
    await answer.text();
    expect(stage.upstream.requests).toHaveLength(1);
    const [{ url, body } = { url: '', body: '' }] = stage.upstream.requests;
    expect(`${url} ${body}`).toContain(TOOLLESS);
  });
});
