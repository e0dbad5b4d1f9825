import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { snapshotRows, writesBetween } from '#lib/testing';
import { newId, toUuid } from '#lib/kernel';
import { CALL_ROUTES, LIST_ROUTES } from '../src/compatible/operations.js';
import { applicationOf } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  app = await applicationOf(stage);
});

const MODELS = { openai: 'gpt-4.1-mini', anthropic: 'claude-haiku-4-5', gemini: 'gemini-2.5-flash' };
const ROUTES = [
  ...CALL_ROUTES.map(({ path, operation }) => ({ method: 'POST', path, wire: operation.wire })),
  ...LIST_ROUTES.map(({ path, wire }) => ({ method: 'GET', path, wire })),
].map(({ path, ...route }) => ({
  ...route,
  path: path
    .replace(':pin(@[^/]+)', '@google')
    .replace(':model(.+)::', `${MODELS.gemini}:`)
    .replace('streamGenerateContent', 'streamGenerateContent?alt=sse'),
}));

const ask = (route: (typeof ROUTES)[number], headers: Record<string, string>, body?: string) =>
  fetch(stage.url + route.path, {
    method: route.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(route.method === 'POST' && {
      body:
        body ??
        JSON.stringify({
          model: MODELS[route.wire],
          messages: [{ role: 'user', content: 'Hi.' }],
          max_tokens: 9,
        }),
    }),
  });
const rows = () => snapshotRows(stage.database.superuserUrl);
const chat = (token: string, model = MODELS.openai) =>
  ask(
    ROUTES[0]!,
    { authorization: `Bearer ${token}` },
    JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi.' }] }),
  );

describe('who may use the compatible endpoints', () => {
  it('#2 #51 nobody, a guess, a session and every other kind of token is refused by name on every route, before the body is read', async () => {
    const { tenant } = app;
    const engine = tenant.token;
    const api = (await stage.tenants.token(tenant.orgId, tenant.owner, 'api')).token;
    const session = await stage.tenants.session(tenant.orgId, tenant.owner);
    const before = await rows();
    const faults: unknown[] = [];
    for (const route of ROUTES) {
      const cases: [Record<string, string>, number, RegExp][] = [
        [{}, 401, /workspace token/],
        [{ authorization: 'Bearer guess' }, 401, /workspace token/],
        [{ cookie: session.cookie, 'x-csrf-token': session.csrf }, 401, /workspace token/],
        [{ authorization: `Bearer ${engine}` }, 403, /kind \\?"engine/],
        [{ 'x-api-key': api }, 403, /kind \\?"api/],
        [{ 'x-goog-api-key': engine }, 403, /kind \\?"engine/],
        [{ 'x-api-key': app.token, authorization: `Bearer ${engine}` }, 401, /different tokens/],
      ];
      for (const [headers, status, says] of cases) {
        const answer = await ask(route, headers, '{"no": json');
        const text = await answer.text();
        if (answer.status !== status || !says.test(text)) faults.push([route.path, answer.status, text]);
      }
    }
    expect(faults).toEqual([]);
    expect([writesBetween(before, await rows()), stage.upstream.requests]).toEqual([[], []]);
  });

  it('#51 takes the workspace token in the header of each vendor', async () => {
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${app.token}` },
      { 'x-api-key': app.token },
      { 'x-goog-api-key': app.token },
    ];
    for (const headers of ways)
      for (const route of ROUTES.filter(({ method }) => method === 'GET'))
        expect((await ask(route, headers)).status).toBe(200);
  });

  it('#6 #7 a token sees and uses the keys of its own workspace, of no other and of no other organization', async () => {
    const { tenant } = app;
    const other = await stage.tenants.workspace(tenant.orgId);
    const walled = (await stage.tenants.token(tenant.orgId, tenant.owner, 'workspace', other)).token;
    const theirs = await applicationOf(stage);
    const listed = await (
      await ask(
        ROUTES.find(({ path }) => path === '/v1/models')!,
        { 'x-api-key': walled },
      )
    ).json();
    expect(listed).toMatchObject({ data: [] });
    expect(await (await chat(walled)).json()).toMatchObject({ error: { code: 'no_provider_key' } });
    for (const id of [theirs.keys.openai, newId('aip')]) {
      const answer = await chat(app.token, `@${id}/${MODELS.openai}`);
      const text = await answer.text();
      expect([answer.status, text.replace(id, '…').replace(/req_\w+/, '…')]).toEqual([
        422,
        expect.stringContaining('not assigned'),
      ]);
    }
    for (const { path } of ROUTES.filter((route) => route.path.includes('@google/'))) {
      const foreign = path.replace('@google', `@${theirs.keys.google}`);
      const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi.' }] }] });
      const answer = await ask(
        { method: 'POST', path: foreign, wire: 'gemini' },
        { 'x-goog-api-key': app.token },
        body,
      );
      expect([path, answer.status, await answer.text()]).toEqual([
        ...[path, 422, expect.stringContaining('not assigned')],
      ]);
    }
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('#51 a revocation holds', () => {
  const until = async (status: number, model?: string) => {
    const began = Date.now();
    for (;;) {
      const answer = await chat(app.token, model);
      await answer.text();
      if (answer.status === status || Date.now() - began > 2_000) return answer.status;
      await delay(20);
    }
  };

  it('of the token, within 2 s, though nobody tells the engine', async () => {
    expect((await chat(app.token)).status).toBe(200);
    await stage.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [toUuid(app.tokenId)]);
    expect(await until(401)).toBe(401);
    const sent = stage.upstream.requests.length;
    expect(await (await chat(app.token)).json()).toMatchObject({
      error: { message: expect.stringContaining('revoked') },
    });
    expect(stage.upstream.requests).toHaveLength(sent);
  });

  it('of the key, within 2 s; an open stream ends with an error in the vendor’s shape', async () => {
    stage.upstream.script({ text: ['One ', 'two '], hang: 'body' });
    const open = await ask(
      ROUTES[0]!,
      { authorization: `Bearer ${app.token}` },
      JSON.stringify({ model: MODELS.openai, stream: true, messages: [{ role: 'user', content: 'Hi.' }] }),
    );
    const ended = open.text();
    await stage.db.query('UPDATE provider_keys SET enabled = false WHERE id = $1', [toUuid(app.keys.openai)]);
    expect(await until(422)).toBe(422);
    expect(await ended).toMatch(/"One ".*data: \{"error":\{.*"code":"no_provider_key"/s);
  }, 15_000);
});

describe('#12 #51 which key serves', () => {
  it('pins a provider or a key, and an alias is replaced by its model', async () => {
    await stage.db.query(
      `INSERT INTO model_aliases (org_id, id, name, models) VALUES ($1, gen_random_uuid(), 'smart', $2)`,
      [toUuid(app.tenant.orgId), [MODELS.openai]],
    );
    for (const model of [`@openai/${MODELS.openai}`, `@${app.keys.openai}/${MODELS.openai}`, 'smart']) {
      const answer = await chat(app.token, model);
      expect([model, answer.status, answer.headers.get('claviger-model')]).toEqual([
        model,
        200,
        MODELS.openai,
      ]);
      expect(JSON.parse(stage.upstream.requests.at(-1)!.body)).toEqual({
        ...{ model: MODELS.openai, messages: [{ role: 'user', content: 'Hi.' }] },
      });
    }
  });
});
