import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTwoPlanes, type TwoPlanes } from './two-planes.js';

const ACME = 'key-of-acme-0123456789abcdef';
const HOUSE = 'key-of-house-0123456789abcdef';

/** A vendor with an OpenAI-compatible API is a record: two that are nowhere in the code. */
describe('#9 #10 vendors that are records, over both planes', () => {
  let planes: TwoPlanes;
  let tools: Server;
  let toolUrl: string;
  const asked: string[] = [];

  beforeAll(async () => {
    tools = createServer((request, response) => {
      asked.push(String(request.url));
      response.setHeader('content-type', 'application/json').end('{"degrees": 21}');
    });
    await new Promise<void>((listens) => tools.listen(0, '127.0.0.1', listens));
    const { port } = tools.address() as AddressInfo;
    toolUrl = `http://127.0.0.1:${port}/weather`;
    planes = await startTwoPlanes(port);
  });
  afterAll(async () => {
    await planes?.stop();
    tools?.close();
  });
  beforeEach(() => planes.upstream.reset());

  const weather = () => ({
    type: 'http',
    name: 'weather',
    description: 'The weather in a city.',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
    method: 'GET',
    url: toolUrl,
  });
  const acme = () => ({
    name: 'Acme AI',
    protocol: 'openai',
    // The one path of the fake that asks for no Authorization: this vendor has a header of its own.
    baseUrl: `${planes.upstream.baseUrls.ollama}/v1`,
    credential: { kind: 'key', header: 'X-Acme-Key' },
    acceptsBaseUrl: false,
    defaultModel: 'acme-small',
    surfaces: { agent_complex: 'acme-large' },
    models: [
      { id: 'acme-small', name: 'Acme Small', contextWindow: 32_000, capabilities: { tools: 'yes' } },
      { id: 'acme-large', capabilities: { tools: 'yes' } },
      { id: 'acme-embed', capabilities: { tools: 'no' } },
    ],
  });
  const resolve = async (body: object) =>
    (await planes.owner.post(`/workspaces/${planes.owner.workspaceId}/resolve`, body)).body;
  /** A tool call and its answer, streamed; what came, and what the vendor was sent. */
  async function runsWithToolsAndStream(model: string) {
    planes.upstream.script(
      { toolCalls: [{ name: 'weather', input: { city: 'Bern' } }] },
      { text: ['It is ', '21 degrees.'] },
    );
    const response = await planes.run(
      { model, prompt: 'The weather?', tools: [weather()] },
      'text/event-stream',
    );
    const text = await response.text();
    expect(text).toContain('event: tool.result');
    expect(text).toContain('event: text.delta');
    expect(text).toContain('event: run.finished');
    expect(text).toContain('21 degrees.');
    expect(planes.upstream.requests).toHaveLength(2);
    return planes.upstream.requests;
  }

  it('an operator makes one: key, assignment, models, resolve, a run with tools and a stream, the key in its own header', async () => {
    const made = await planes.operator.put('/platform/providers/acme-ai', acme());
    expect([made.status, made.body.isOperatorMade, made.body.credential.header]).toEqual([
      200,
      true,
      'x-acme-key',
    ]);
    const listed = (await planes.owner.get('/providers')).body.data.find(
      (one: { slug: string }) => one.slug === 'acme-ai',
    );
    expect(listed).toMatchObject({
      name: 'Acme AI',
      isOperatorMade: true,
      platformEnabled: true,
      orgEnabled: true,
    });
    const typo = await planes.owner.post('/ai-providers', { name: 'T', provider: 'acme', secret: ACME });
    expect([typo.status, typo.body.errors[0].pointer]).toEqual([422, '/provider']);
    expect(typo.body.detail).toMatch(/openai, .*acme-ai/);

    const id = await planes.give({ name: 'Acme', provider: 'acme-ai', secret: ACME });
    const { data } = await planes.engineModels();
    const here = (await planes.owner.get(`/workspaces/${planes.owner.workspaceId}/models`)).body.data;
    expect(here).toEqual(data);
    expect(data.map((model) => model.id)).toEqual(['acme-small', 'acme-large', 'acme-embed']);
    expect((await resolve({ surface: 'agent_complex' })).choice).toMatchObject({
      aiProviderId: id,
      model: 'acme-large',
      step: 5,
    });
    const requests = await runsWithToolsAndStream('acme-small');
    expect(asked).toHaveLength(1);
    for (const { headers } of requests) {
      expect(headers['x-acme-key']).toBe(ACME);
      expect(headers['authorization']).toBeUndefined();
    }
    expect((await planes.owner.post(`/ai-providers/${id}/test`)).body).toMatchObject({ ok: true });
    expect((await planes.owner.get(`/ai-providers/${id}/models`)).status).toBe(200);
    const refused = await planes.run({ model: 'acme-embed', prompt: 'x', tools: [weather()] });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      422,
      'model_lacks_tools',
    ]);
  });

  it('a tenant makes one: custom, with a protocol and a base URL', async () => {
    const id = await planes.give({
      ...{ name: 'House', provider: 'custom', secret: HOUSE, models: ['house-1'] },
      ...{ baseUrl: planes.upstream.baseUrls.openai, config: { protocol: 'openai' } },
    });
    expect((await resolve({ model: 'house-1' })).choice).toMatchObject({
      aiProviderId: id,
      provider: 'custom',
    });
    const requests = await runsWithToolsAndStream('house-1');
    for (const { headers } of requests) expect(headers['authorization']).toBe(`Bearer ${HOUSE}`);
  });

  it('#10 what the operator switches off is refused in both planes 2 s later, by name, and works again after', async () => {
    expect((await planes.run({ model: 'acme-small', prompt: 'Hi.' })).status).toBe(200);
    expect((await planes.operator.put('/platform/providers/acme-ai', { enabled: false })).status).toBe(200);
    await new Promise((resolved) => setTimeout(resolved, 2_000));
    planes.upstream.reset();
    const refused = await planes.run({ model: 'acme-small', prompt: 'Hi.' });
    const problem = (await refused.json()) as { code: string; detail: string; scope: string };
    expect([refused.status, problem.code, problem.scope]).toEqual([403, 'provider_disabled', 'platform']);
    expect(problem.detail).toMatch(/Acme AI is switched off by the platform operator/);
    expect(await resolve({ model: 'acme-small' })).toMatchObject({
      code: 'provider_disabled',
      detail: problem.detail,
    });
    const { unavailable } = await planes.engineModels();
    expect(unavailable.find((model) => model.id === 'acme-small')).toMatchObject({
      code: 'provider_disabled',
    });
    const [key] = (await planes.owner.get('/ai-providers?provider=acme-ai')).body.data as { id: string }[];
    expect((await planes.owner.post(`/ai-providers/${key?.id}/test`)).body.code).toBe('provider_disabled');
    expect(planes.upstream.requests).toEqual([]);
    await planes.operator.put('/platform/providers/acme-ai', { clear: ['enabled'] });
    await new Promise((resolved) => setTimeout(resolved, 2_000));
    expect((await planes.run({ model: 'acme-small', prompt: 'Hi.' })).status).toBe(200);
  });

  it('#11 a retired model is refused by name with its replacement, in both planes; a key in use keeps its provider', async () => {
    const retired = acme().models.map((model) =>
      model.id === 'acme-small' ? { ...model, lifecycle: 'retired', replacement: 'acme-large' } : model,
    );
    await planes.operator.put('/platform/providers/acme-ai', { models: retired });
    await new Promise((resolved) => setTimeout(resolved, 2_000));
    const refused = await planes.run({ model: 'acme-small', prompt: 'Hi.' });
    const problem = (await refused.json()) as { code: string; detail: string; replacement: string };
    expect([refused.status, problem.code, problem.replacement]).toEqual([
      422,
      'model_not_available',
      'acme-large',
    ]);
    expect(problem.detail).toMatch(/retired. Use "acme-large"/);
    expect((await resolve({ model: 'acme-small' })).detail).toBe(problem.detail);
    const gone = await planes.operator.delete('/platform/providers/acme-ai');
    expect([gone.status, gone.body.code, gone.body.use]).toEqual([
      ...[409, 'conflict', [{ provider: 'acme-ai', keys: 1, orgs: 1 }]],
    ]);
  });

  it('a stored key is not sent to where the operator moves its provider: its secret was sealed for another place', async () => {
    const { port } = tools.address() as AddressInfo;
    asked.length = 0;
    const moved = { baseUrl: `http://127.0.0.1:${port}/v1` };
    expect((await planes.operator.put('/platform/providers/acme-ai', moved)).status).toBe(200);
    await new Promise((resolved) => setTimeout(resolved, 2_000));
    planes.upstream.reset();
    const refused = await planes.run({ model: 'acme-large', prompt: 'Hi.' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect([asked, planes.upstream.requests]).toEqual([[], []]);
  });
});
