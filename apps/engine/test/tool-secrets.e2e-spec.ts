import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const SECRET = 'tool-secret-0123456789abcdef';

let stage: Stage;
let tenant: Tenant;
let origin: string;

beforeAll(async () => {
  stage = await startStage();
  origin = stage.tools.url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  stage.tools.calls.length = 0;
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    ...{ provider: 'openai', secret: 'sk-tools-0123456789abc', baseUrl: stage.upstream.baseUrls.openai },
  });
});

const weather = (extra: object = {}, path = '/at') => ({
  ...{
    type: 'http',
    name: 'weather',
    description: 'The weather.',
    method: 'GET',
    url: stage.tools.url + path,
  },
  inputSchema: { type: 'object', properties: {} },
  headers: { authorization: 'Bearer {{secret:Weather Co}}' },
  ...extra,
});
const CALL = { toolCalls: [{ name: 'weather', input: {} }] };

describe('#60 {{secret:name}} in the headers of a tool', () => {
  it('carries the secret to the tool, and nobody else is told of it', async () => {
    await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
    stage.upstream.script(CALL, { text: `It said ${SECRET}.` });
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather({}, '/echo')] });
    expect({ status, text: body.text }).toEqual({ status: 200, text: 'It said [redacted].' });
    expect(stage.tools.calls[0]?.headers['authorization']).toBe(`Bearer ${SECRET}`);
    expect(body.steps[0]?.toolCalls[0]?.output).toEqual({ came: 'Bearer [redacted]' });
    const kept = await stage.db.query<{ all: string }>(
      `SELECT (SELECT coalesce(string_agg(r::text, ''), '') FROM agent_runs r)
        || (SELECT coalesce(string_agg(u::text, ''), '') FROM usage_records u)
        || (SELECT coalesce(string_agg(a::text, ''), '') FROM audit_events a) AS all`,
      [],
    );
    expect(JSON.stringify([body, stage.upstream.requests, kept.rows])).not.toContain(SECRET);
  });

  it('what the tool says when it fails is told to the model without it', async () => {
    await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
    stage.upstream.script(CALL, { text: 'Sorry.' });
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather({}, '/echo-fails')] });
    expect(body.steps[0]?.toolCalls[0]?.error).toContain('status 500');
    expect(JSON.stringify([body, stage.upstream.requests])).not.toContain(SECRET);
  });

  it('a redirect is never followed: the secret reaches no second origin', async () => {
    await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
    stage.upstream.script(CALL, { text: 'Sorry.' });
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather({}, '/redirect')] });
    expect(body.steps[0]?.toolCalls[0]?.error).toMatch(/redirect/);
    expect(stage.tools.calls).toHaveLength(1);
  });

  it.each([
    ['that nobody made', async () => undefined],
    [
      'of another organization',
      async () => stage.tenants.toolSecret(await stage.tenants.create(), 'Weather Co', SECRET, [origin]),
    ],
    [
      'that is not for tools',
      async () => {
        const id = await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
        await stage.db.query('UPDATE secrets SET for_tools = false WHERE id = $1', [toUuid(id)]);
      },
    ],
  ])('a name %s is the same 404, before anything is sent', async (_, make) => {
    await make();
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather()] });
    expect({ status, code: body.code, detail: body.detail, pointer: body.errors?.[0]?.pointer }).toEqual({
      status: 404,
      code: 'not_found',
      detail:
        'Your organization has no secret "Weather Co" for tools. An OWNER can make one: POST /api/v1/secrets with "tools": true.',
      pointer: '/agent/tools/0/headers/authorization',
    });
    expect([stage.upstream.requests, stage.tools.calls]).toEqual([[], []]);
  });

  it('a secret for another origin is refused by name, before anything is sent', async () => {
    await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, ['https://weather.example:443']);
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather()] });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'secret_required' });
    expect(body.detail).toContain('"Weather Co"');
    expect([stage.upstream.requests, stage.tools.calls]).toEqual([[], []]);
  });

  it.each([
    ['in the URL', { url: 'https://1.1.1.1/{{secret:Weather Co}}', headers: {} }, '/agent/tools/0/url'],
    ['in another form', { headers: { 'x-key': '{{secret Weather Co}}' } }, '/agent/tools/0/headers/x-key'],
  ])('%s it is no reference', async (_, extra, pointer) => {
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather(extra)] });
    expect(status).toBe(422);
    expect(body.errors?.[0]?.pointer).toBe(pointer);
    expect(stage.upstream.requests).toEqual([]);
  });

  describe('#37 written out by whoever wrote the agent', () => {
    const CANARY = 'kept-canary-0123456789ABCDEF';
    const KEPT = {
      ...{ 'mixed with a reference': { headers: { authorization: `${CANARY}{{secret:Weather Co}}` } } },
      ...{ 'in a header': { headers: { 'x-api-key': CANARY } } },
    };
    const literal: [string, () => object][] = [
      ...Object.entries(KEPT).map(([where, extra]): [string, () => object] => [where, () => weather(extra)]),
      ['as a parameter of the URL', () => weather({}, `/at?api_key=${CANARY}`)],
      ['as a part of the URL', () => weather({}, `/services/${CANARY}`)],
    ];
    const kept = async () => {
      const { rows } = await stage.db.query<{ kept: string }>(
        `SELECT coalesce(string_agg(q::text, ''), '') AS kept FROM run_requests q`,
        [],
      );
      return rows[0]!.kept;
    };

    it.each(literal)('%s it is kept by no pause, and the refusal says what to do', async (_, tool) => {
      await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
      const ask = { type: 'client', name: 'ask', description: 'Asks.', inputSchema: { type: 'object' } };
      const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [ask, tool()] });
      expect([status, body.code]).toEqual([422, 'validation_failed']);
      const [pointer, where] = body.errors!.map((fault) => fault.pointer);
      expect(pointer).toBe('/agent/tools/0/type');
      expect(where).toMatch(/^\/agent\/tools\/1\/(headers|url)$/);
      expect(body.errors?.[0]?.detail).toContain('{{secret:name}}');
      expect(JSON.stringify(body)).not.toContain(CANARY);
      expect(stage.upstream.requests).toEqual([]);
    });

    it.each(literal)('%s it waits in no queue: such a run begins at once, in memory', async (_, tool) => {
      await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
      stage.upstream.script({ text: 'Done.', delayMs: 300 });
      const agent = { prompt: 'Go.', tools: [tool()] };
      const { status, body } = await run(stage, tenant, agent, { headers: { prefer: 'respond-async' } });
      expect([status, body.status, await kept()]).toEqual([202, 'running', '']);
    });
  });

  it('C: a deleted secret is sent by no call that starts 2 s later, in the middle of a run too', async () => {
    const id = await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
    stage.upstream.respond(() => CALL);
    const agent = { prompt: 'Go.', tools: [weather({}, '/pause')], maxSteps: 100 };
    const going = run(stage, tenant, agent);
    while (stage.tools.calls.length === 0) await new Promise((done) => setTimeout(done, 10));
    await stage.db.query('DELETE FROM secrets WHERE id = $1', [toUuid(id)]);
    const deleted = performance.now();
    const { body } = await going;
    stage.upstream.respond(() => undefined);
    expect(body.code).toBe('not_found');
    // Half a second for what was on its way when the two were over.
    expect(performance.now() - deleted).toBeLessThan(2_500);
  });

  it('C: a rotated secret goes out at its new version from 2 s later on, in the middle of a run too, and is told to nobody', async () => {
    const NEXT = 'tool-secret-next-9876543210';
    const id = await stage.tenants.toolSecret(tenant, 'Weather Co', SECRET, [origin]);
    const carried = () => stage.tools.calls.map(({ headers }) => headers['authorization']);
    const isRenewed = () => carried().includes(`Bearer ${NEXT}`);
    stage.upstream.respond(({ toolResults }) => {
      if (!isRenewed()) return CALL;
      return toolResults.at(-1)?.includes('came')
        ? { text: 'Done.' }
        : { toolCalls: [{ name: 'echo', input: {} }] };
    });
    const tools = [weather({}, '/pause'), weather({ name: 'echo' }, '/echo')];
    const going = run(stage, tenant, { prompt: 'Go.', tools, maxSteps: 100 });
    while (stage.tools.calls.length === 0) await new Promise((done) => setTimeout(done, 10));
    await stage.tenants.rotate(tenant, id, NEXT);
    const { body } = await going;
    stage.upstream.respond(() => undefined);
    expect(body.text).toBe('Done.');
    const first = carried().indexOf(`Bearer ${NEXT}`);
    expect(first).toBeGreaterThan(0);
    expect(new Set(carried().slice(first))).toEqual(new Set([`Bearer ${NEXT}`]));
    expect(body.steps.at(-2)?.toolCalls[0]?.output).toEqual({ came: 'Bearer [redacted]' });
    expect(JSON.stringify([body, stage.upstream.requests])).not.toMatch(new RegExp(`${SECRET}|${NEXT}`));
  });
});
