import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dumpRoutes } from '#lib/http';
import { newId } from '#lib/kernel';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type RunBody, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
});

function stream(agent: object, node: string = newId('req')): Promise<Response> {
  const body = { nodeExecutionId: node, agent };
  return send(stage, tenant, 'POST', '/agent-runs', { body, headers: { accept: 'text/event-stream' } });
}

describe.each(WIRES)('an agent run over $wire', ({ provider, wire, header, model, value }) => {
  const secret = `sk-${provider}-assigned-0123456789`;
  let keyId: string;

  beforeEach(async () => {
    const baseUrl = stage.upstream.baseUrls[wire];
    keyId = await stage.tenants.key(tenant, { provider, secret, baseUrl });
    await stage.tenants.key(tenant, {
      provider,
      secret: `sk-${provider}-elsewhere-01234567`,
      baseUrl,
      assign: false,
    });
  });

  function expectOnlyTheKey(): void {
    for (const request of stage.upstream.requests) {
      expect(request.headers[header]).toBe(value(secret));
      expect(request.url).not.toContain(secret);
      expect(request.body).not.toContain(secret);
    }
  }

  it('#30 carries exactly the assigned key in its header and names it', async () => {
    stage.upstream.script({ text: 'Hello there.', usage: { input: 12, output: 3 } });
    const { status, body } = await run(stage, tenant, { model, prompt: 'Say hello.' });

    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'succeeded', text: 'Hello there.', output: 'Hello there.' },
    });
    expect(body.served).toMatchObject({ aiProviderId: keyId, provider, model, keyVersion: 1 });
    expect(body.served?.attempts).toEqual([
      expect.objectContaining({ outcome: 'ok', code: null, upstreamRequestId: expect.any(String) }),
    ]);
    expect(body.usage).toMatchObject({ inputTokens: 12, outputTokens: 3, totalTokens: 15 });
    expect(body.usage.costMicroUsd).toBeGreaterThan(0);
    expect(stage.upstream.requests).toHaveLength(1);
    expect(stage.upstream.requests[0]?.headers['x-client-request-id']).toBe(body.id);
    expectOnlyTheKey();
    expect((await call(stage, tenant, 'GET', `/agent-runs/${body.id}`)).body).toEqual(body);
  });

  it('#34 streams the same as events, each with an id and its run, ending with the answer', async () => {
    stage.upstream.script({ text: ['Hel', 'lo ', 'there.'], usage: { input: 12, output: 3 } });
    const response = await stream({ model, prompt: 'Say hello.' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const seen = await allFrames(response);

    expect(seen.map(({ event }) => event).filter((name) => name !== 'text.delta')).toEqual([
      'run.started',
      'step.started',
      'step.finished',
      'run.finished',
    ]);
    expect(seen.map(({ id }) => Number(id))).toEqual(seen.map((_, index) => index + 1));
    const runId = seen[0]?.data['runId'];
    expect(seen.every(({ data }) => data['runId'] === runId)).toBe(true);
    expect(
      seen
        .filter(({ event }) => event === 'text.delta')
        .map(({ data }) => data['delta'])
        .join(''),
    ).toBe('Hello there.');
    const answer = seen.at(-1)!.data;
    expect(answer).toMatchObject({
      id: runId,
      status: 'succeeded',
      text: 'Hello there.',
      served: { aiProviderId: keyId },
    });
    expect((await call(stage, tenant, 'GET', `/agent-runs/${String(runId)}`)).body).toMatchObject({
      text: 'Hello there.',
      served: answer['served'],
    });
    expectOnlyTheKey();
  });

  it('#34 an upstream failure before the first byte is a problem with the run’s id; the run keeps it', async () => {
    stage.upstream.script({ status: 500, message: 'the vendor is on fire' });
    const { status, headers, body } = await run(stage, tenant, { model, prompt: 'Hi.' });
    expect({ status, code: body.code }).toEqual({ status: 502, code: 'upstream_error' });
    expect(headers.get('content-type')).toMatch(/problem\+json/);
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
    expect(kept).toMatchObject({
      status: 200,
      body: { status: 'failed', error: { code: 'upstream_error', status: 502, runId: body.runId } },
    });
    expect(kept.body.served?.attempts).toEqual([
      expect.objectContaining({ outcome: 'failed', code: 'upstream_error' }),
    ]);
  });

  it('#34 a stream that breaks ends with an error frame, and what was received is kept', async () => {
    stage.upstream.script({ text: ['One, ', 'two, ', 'three'], cutAfter: 2, pieceDelayMs: 20 });
    const seen = await allFrames(await stream({ model, prompt: 'Count.' }));
    const last = seen.at(-1)!;
    expect(last).toMatchObject({ event: 'run.failed', data: { code: 'upstream_error', status: 502 } });
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${String(last.data['runId'])}`);
    expect(kept.body.text).toBe('One, two, ');
  });

  it('a key that the vendor refuses is upstream_auth_failed and never quoted, though the vendor echoes it', async () => {
    stage.upstream.script({ status: 401, message: 'Incorrect API key', echoKey: 'raw' });
    const { status, body } = await run(stage, tenant, { model, prompt: 'Hi.' });
    expect({ status, code: body.code }).toEqual({ status: 502, code: 'upstream_auth_failed' });
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(body.detail).toMatch(/OWNER/);
  });

  it('a key that a model repeats is taken out of the stream', async () => {
    stage.upstream.script({ text: 'Your key is: ', echoKey: 'raw' });
    const text = await (await stream({ model, prompt: 'Repeat.' })).text();
    expect(text).not.toContain(secret);
    expect(text).toContain('run.finished');
  });
});

describe('a refusal before the run starts', () => {
  it('is a plain problem, also for a caller who asked for a stream', async () => {
    const response = await stream({ model: 'gpt-4.1-mini', prompt: 'Hi.' });
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toMatch(/problem\+json/);
    expect(await response.json()).toMatchObject({ code: 'no_provider_key' });
  });
});

describe('a run that takes too long', () => {
  it.each(['headers', 'body'] as const)(
    'is upstream_timeout when the vendor hangs before or in its %s',
    async (hang) => {
      await stage.tenants.key(tenant, {
        provider: 'openai',
        secret: 'sk-slow-0123456789',
        baseUrl: stage.upstream.baseUrls.openai,
      });
      stage.upstream.script({ text: ['Well', ', …'], hang });
      const { status, body } = await run(stage, tenant, { prompt: 'Hi.', timeoutMs: 400 });
      expect({ status, code: body.code }).toEqual({ status: 504, code: 'upstream_timeout' });
      const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
      expect(kept.body).toMatchObject({ status: 'failed', text: hang === 'body' ? 'Well' : '' });
    },
  );
});

describe('an answer that a database would not take', () => {
  it('is stored all the same', async () => {
    await stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-odd-0123456789',
      baseUrl: stage.upstream.baseUrls.openai,
    });
    stage.upstream.script({ text: 'a\u0000b' });
    const { status, body } = await run(stage, tenant, { prompt: 'Hi.' });
    expect(status).toBe(200);
    expect((await call(stage, tenant, 'GET', `/agent-runs/${body.id}`)).body).toMatchObject({
      status: 'succeeded',
      text: 'a\ufffdb',
    });
  });
});

describe('the OpenAPI document', () => {
  it('knows every route of the router, and every route names its right or is public', async () => {
    const response = await fetch(`${stage.url}/internal/v1/openapi.json`);
    const document = (await response.json()) as { paths: Record<string, Record<string, object>> };
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = dumpRoutes(stage.app.getHttpAdapter().getInstance());
    expect(documented.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(operations.every((operation) => 'x-permission' in operation || 'x-public' in operation)).toBe(
      true,
    );
  });
});

describe('the form of a request', () => {
  const cases: [string, object, string[]][] = [
    ['an unknown field', { prompt: 'Hi.', tempurature: 1 }, ['/agent/tempurature']],
    ['neither prompt nor messages', { model: 'gpt-4.1-mini' }, ['/agent/prompt']],
    [
      'both prompt and messages',
      { prompt: 'a', messages: [{ role: 'user', content: 'b' }] },
      ['/agent/messages'],
    ],
    [
      'wrong types',
      { prompt: 1, temperature: 'hot', maxSteps: 0 },
      ['/agent/prompt', '/agent/temperature', '/agent/maxSteps'],
    ],
    ['null for a field', { prompt: 'Hi.', system: null }, ['/agent/system']],
    ['a tool of an unknown type', { prompt: 'Hi.', tools: [{ type: 'shell' }] }, ['/agent/tools/0/type']],
    [
      'an MCP server without its id, and one that is named twice',
      {
        prompt: 'Hi.',
        tools: [{ type: 'mcp' }, { type: 'mcp', serverId: 'x' }, { type: 'mcp', serverId: 'x' }],
      },
      ['/agent/tools/0/serverId'],
    ],
    [
      'an http tool without its parts',
      { prompt: 'Hi.', tools: [{ type: 'http', name: 'x y' }] },
      ['/agent/tools/0/name', '/agent/tools/0/url'],
    ],
    ['a wrong tool choice', { prompt: 'Hi.', toolChoice: { tool: 'x', y: 1 } }, ['/agent/toolChoice']],
    [
      'categories that are missing',
      { prompt: 'Hi.', output: { type: 'category' } },
      ['/agent/output/categories'],
    ],
    ['an unknown output', { prompt: 'Hi.', output: { type: 'poem' } }, ['/agent/output/type']],
    [
      'a route that names nothing, or its key twice',
      { prompt: 'Hi.', routes: [{}, { aiProviderId: 'aip_x', provider: 'openai', model: '@aip_y/m' }] },
      ['/agent/routes/0', '/agent/routes/1/provider', '/agent/routes/1/model'],
    ],
    ['too many routes', { prompt: 'Hi.', routes: Array(21).fill({ model: 'm' }) }, ['/agent/routes']],
    ['a route of another form', { prompt: 'Hi.', routes: ['gpt-4.1'] }, ['/agent/routes/0']],
  ];
  it.each(cases)('%s is validation_failed with its pointer', async (_, agent, pointers) => {
    const { status, body } = await run(stage, tenant, agent);
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'validation_failed' });
    const seen = body.errors?.map(({ pointer }) => pointer) ?? [];
    for (const pointer of pointers) expect(seen).toContain(pointer);
  });

  it('nothing but an object is a body, and it needs its node execution', async () => {
    for (const body of ['[]', '"x"', '{}', '{"nodeExecutionId": 7, "agent": {"prompt": "x"}}']) {
      expect((await run(stage, tenant, {}, { body })).body.code).toBe('validation_failed');
    }
  });

  it('a body over the limit is payload_too_large', async () => {
    const { status, body } = await run(stage, tenant, { prompt: 'x'.repeat(5 * 1_048_576) });
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'payload_too_large' });
  });
});

describe('reading runs', () => {
  it('lists the workspace’s runs newest first, page by page, with filters', async () => {
    await stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-list-0123456789',
      baseUrl: stage.upstream.baseUrls.openai,
    });
    const ids: string[] = [];
    for (const node of ['n1', 'n2', 'n3'])
      ids.unshift((await run(stage, tenant, { prompt: 'Hi.' }, { node })).body.id);
    type Listed = RunBody & { nodeExecutionId: string; startedAt: string };
    type Page = { data: Listed[]; nextCursor: string | null; hasMore: boolean };
    const first = await call<Page>(stage, tenant, 'GET', '/agent-runs?limit=2');
    expect(first.body).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], hasMore: true });
    const rest = await call<Page>(
      stage,
      tenant,
      'GET',
      `/agent-runs?limit=2&cursor=${first.body.nextCursor}`,
    );
    expect(rest.body).toMatchObject({ data: [{ id: ids[2] }], hasMore: false, nextCursor: null });
    const one = await call<Page>(stage, tenant, 'GET', '/agent-runs?nodeExecutionId=n2&status=succeeded');
    expect(one.body.data.map(({ id }) => id)).toEqual([ids[1]]);
    const filtered = async (query: string) => {
      const page = await call<Page>(stage, tenant, 'GET', `/agent-runs?${query}`);
      return page.body.data.map(({ nodeExecutionId }) => nodeExecutionId);
    };
    const { startedAt, served } = first.body.data[0]!;
    const tomorrow = new Date(Date.parse(startedAt) + 86_400_000).toISOString().slice(0, 10);
    expect(await filtered(`model=${served?.model}&from=${startedAt.slice(0, 10)}`)).toEqual([
      'n3',
      'n2',
      'n1',
    ]);
    expect(await filtered('model=another')).toEqual([]);
    expect(await filtered(`from=${tomorrow}`)).toEqual([]);
    for (const nonsense of ['cursor=nonsense', 'from=2026-02-30', 'to=yesterday']) {
      const { body } = await call(stage, tenant, 'GET', `/agent-runs?${nonsense}`);
      expect([nonsense, body.code]).toEqual([nonsense, 'validation_failed']);
    }
  });

  it('#7 another workspace’s run is a 404 like one that does not exist', async () => {
    await stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-list-0123456789',
      baseUrl: stage.upstream.baseUrls.openai,
    });
    const { body } = await run(stage, tenant, { prompt: 'Hi.' });
    const other = await stage.tenants.create();
    for (const id of [body.id, newId('run'), 'run_x', 'x']) {
      expect(await call(stage, other, 'GET', `/agent-runs/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
  });
});
