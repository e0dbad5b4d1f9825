import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { startFakeEngine, testResult, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';
const NEW_SECRET = 'sk-proj-9876543210zyxwvutsrq-NEW1';

describe('what the engine does for the api', () => {
  let api: TestApi;
  let keyFiles: KeyFiles;
  let engine: FakeEngine;
  let owner: Person;
  let id: string;
  let n = 0;
  beforeAll(async () => {
    keyFiles = makeKeyFiles();
    engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
    api = await startTestApi({ keyFiles, env: { CLAVIGER_ENGINE_INTERNAL_URL: engine.url } });
    owner = await api.owner();
  });
  afterAll(async () => {
    await api.stop();
    await engine.stop();
    keyFiles.remove();
  });
  beforeEach(async () => {
    engine.tickets.length = 0;
    id = (await owner.post('/ai-providers', { name: `K${(n += 1)}`, provider: 'openai', secret: SECRET }))
      .body.id;
  });
  const key = async () => (await owner.get(`/ai-providers/${id}`)).body;
  const states = async () =>
    (await owner.get(`/ai-providers/${id}/versions`)).body.data.map(
      (v: { version: number; state: string }) => [v.version, v.state],
    );

  it('#19 a test asks the engine with a ticket for this key alone, answers its result and keeps it', async () => {
    engine.answer = () => ({ status: 200, body: testResult(true) });
    const answer = await owner.post(`/ai-providers/${id}/test`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(testResult(true, { testedAt: expect.any(String) }));
    expect(engine.tickets).toEqual([
      {
        orgId: owner.orgId,
        userId: owner.userId,
        aiProviderId: id,
        action: 'test',
        expiresAt: expect.any(Number),
      },
    ]);
    expect(engine.tickets[0]!.expiresAt - Date.now() / 1000).toBeLessThanOrEqual(30);
    expect(await key()).toMatchObject({
      lastTestStatus: 'ok',
      lastTestMessage: 'The key works.',
      lastTestedAt: answer.body.testedAt,
      status: 'configured',
    });
  });

  it('#19 a failing key answers 200 with ok: false and shows as failing; a new secret forgets that', async () => {
    engine.answer = () => ({ status: 200, body: testResult(false) });
    const answer = await owner.post(`/ai-providers/${id}/test`);
    expect([answer.status, answer.body.ok]).toEqual([200, false]);
    expect(await key()).toMatchObject({ status: 'failing', lastTestStatus: 'auth_failed' });
    await owner.patch(`/ai-providers/${id}`, { secret: NEW_SECRET });
    expect(await key()).toMatchObject({ status: 'configured', lastTestStatus: null, lastTestedAt: null });
  });

  it('#19 the engine is down: 503 engine_unavailable, nothing is stored', async () => {
    engine.dead = true;
    const answer = await owner.post(`/ai-providers/${id}/test`);
    engine.dead = false;
    expect([answer.status, answer.body.code]).toEqual([503, 'engine_unavailable']);
    expect(await key()).toMatchObject({ lastTestStatus: null });
  });

  it('what the engine refuses is passed on; what is our own fault is not shown as the caller’s', async () => {
    engine.answer = () => ({
      status: 403,
      body: { code: 'provider_disabled', detail: 'OpenAI is switched off.' },
    });
    expect((await owner.post(`/ai-providers/${id}/test`)).body).toMatchObject({
      status: 403,
      code: 'provider_disabled',
    });
    engine.answer = () => ({ status: 401, body: { code: 'unauthenticated', detail: 'bad ticket' } });
    expect((await owner.post(`/ai-providers/${id}/test`)).body.code).toBe('engine_unavailable');
    engine.answer = () => ({ status: 500, body: { nonsense: true } });
    expect((await owner.post(`/ai-providers/${id}/test`)).body.code).toBe('engine_unavailable');
  });

  it('#12 live models come from the engine; "cannot list" is not "failed"', async () => {
    engine.answer = () => ({ status: 200, body: { data: [{ id: 'gpt-4.1' }, { id: 'my-own-tune' }] } });
    const answer = await owner.get(`/ai-providers/${id}/models`);
    expect(answer.body).toEqual({
      data: [
        { id: 'gpt-4.1', inCatalogue: true },
        { id: 'my-own-tune', inCatalogue: false },
      ],
    });
    expect(engine.tickets[0]!.action).toBe('list-models');
    engine.answer = () => ({ status: 422, body: { code: 'listing_unsupported', detail: 'It cannot list.' } });
    expect((await owner.get(`/ai-providers/${id}/models`)).body).toMatchObject({
      status: 422,
      code: 'listing_unsupported',
    });
  });

  it('#23 a rotation tests the waiting version before it is used; the old one drains', async () => {
    const during: unknown[] = [];
    engine.answer = () => ({ status: 200, body: testResult(true) });
    const before = await key();
    const answer = await owner.post(`/ai-providers/${id}/rotate`, { secret: NEW_SECRET });
    during.push(engine.tickets.at(-1)?.secretVersion);
    expect(answer.body).toMatchObject({ ok: true, version: 2 });
    expect(during).toEqual([2]);
    expect(await key()).toMatchObject({
      id,
      secretId: before.secretId,
      version: 2,
      mask: 'sk-proj-…NEW1',
      lastTestStatus: 'ok',
    });
    expect(await states()).toEqual([
      [2, 'active'],
      [1, 'draining'],
    ]);
  });

  it('#23 refused by the vendor: 200 with ok: false, the old version stays, the new one is erased', async () => {
    engine.answer = () => ({ status: 200, body: testResult(false) });
    const answer = await owner.post(`/ai-providers/${id}/rotate`, { secret: NEW_SECRET });
    expect([answer.status, answer.body.ok, answer.body.version]).toEqual([200, false, 1]);
    expect(await key()).toMatchObject({ version: 1, mask: 'sk-proj-…Zq9f', status: 'configured' });
    expect(await states()).toEqual([
      [2, 'shredded'],
      [1, 'active'],
    ]);
    engine.answer = () => ({ status: 200, body: testResult(true) });
    expect((await owner.post(`/ai-providers/${id}/rotate`, { secret: NEW_SECRET })).body.version).toBe(3);
    expect(await states()).toEqual([
      [3, 'active'],
      [2, 'shredded'],
      [1, 'draining'],
    ]);
    expect((await owner.patch(`/ai-providers/${id}`, { secret: SECRET })).body.version).toBe(4);
  });

  const PAIR = { accessKeyId: 'AKIA0123456789ABCDEF', secretAccessKey: 'wJalrXUtnFEMI0123456789' };
  const ACCOUNT = {
    client_email: 'a@b.test',
    private_key: 'c',
    token_uri: 'https://oauth2.googleapis.com/token',
  };
  it.each<[string, object, string | object, object]>([
    ['a JSON object where one key is due', { provider: 'openai' }, SECRET, { secret: { key: 'x' } }],
    ['half an IAM pair', { provider: 'bedrock' }, PAIR, { secret: { accessKeyId: 'A' } }],
    [
      'a service account’s file without its private key',
      { provider: 'vertex', config: { project: 'p-1' } },
      ACCOUNT,
      { secret: { client_email: 'a@b.test' } },
    ],
    [
      'a service account whose tokens come from a private address',
      { provider: 'vertex', config: { project: 'p-1' } },
      ACCOUNT,
      { secret: { ...ACCOUNT, token_uri: 'https://169.254.169.254/token' } },
    ],
    ['a service account for a key without a project', { provider: 'vertex' }, SECRET, { secret: ACCOUNT }],
    [
      'a second secret where there is none',
      { provider: 'openai' },
      SECRET,
      { secret: SECRET, secondSecret: 'x' },
    ],
  ])(
    '#16 #23 %s is refused as creating a key refuses it, and no version is made',
    async (_what, settings, secret, bad) => {
      const made = await owner.post('/ai-providers', { name: `C${(n += 1)}`, ...settings, secret });
      expect(made.status).toBe(201);
      id = made.body.id;
      engine.tickets.length = 0;
      const onCreate = await owner.post('/ai-providers', { name: `C${(n += 1)}`, ...settings, ...bad });
      const onRotate = await owner.post(`/ai-providers/${id}/rotate`, bad);
      const told = ({ status, body: { code, detail, errors } }: typeof onCreate) => ({
        status,
        code,
        detail,
        errors,
      });
      expect(onCreate.status).toBeGreaterThanOrEqual(400);
      expect(told(onRotate)).toEqual(told(onCreate));
      expect([engine.tickets, await states()]).toEqual([[], [[1, 'active']]]);
    },
  );

  it('#16 #23 a service account in place of an express key is sealed for where it gets its tokens, too', async () => {
    engine.answer = () => ({ status: 200, body: testResult(true) });
    const body = { name: `C${(n += 1)}`, provider: 'vertex', config: { project: 'p-1' }, secret: SECRET };
    id = (await owner.post('/ai-providers', body)).body.id;
    const { secretId } = await key();
    const origins = async () =>
      (await owner.get('/secrets')).body.data.find((row: { id: string }) => row.id === secretId).origins;
    expect(await origins()).not.toContain('https://oauth2.googleapis.com:443');
    expect((await owner.post(`/ai-providers/${id}/rotate`, { secret: ACCOUNT })).body).toMatchObject({
      ok: true,
    });
    expect(await origins()).toContain('https://oauth2.googleapis.com:443');
  });

  it('#16 #23 a key that is linked to the secret, from before or since the rotation began, does not lose it', async () => {
    const settings = { provider: 'vertex', config: { project: 'p-1' } };
    id = (await owner.post('/ai-providers', { name: `C${(n += 1)}`, ...settings, secret: ACCOUNT })).body.id;
    const { secretId } = await key();
    const elsewhere = { ...ACCOUNT, token_uri: 'https://www.googleapis.com/oauth2/v4/token' };
    engine.answer = async () => {
      const linked = await owner.post('/ai-providers', { name: `C${(n += 1)}`, ...settings, secretId });
      expect(linked.status).toBe(201);
      return { status: 200, body: testResult(true) };
    };
    for (const _time of ['linked meanwhile', 'linked before']) {
      const answer = await owner.post(`/ai-providers/${id}/rotate`, { secret: elsewhere });
      expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
      expect(await states()).toEqual([
        [2, 'shredded'],
        [1, 'active'],
      ]);
    }
  });

  it('#23 the engine is down in the middle: nothing changed, nothing is left behind', async () => {
    engine.answer = () => ({ status: 500, body: {} });
    const answer = await owner.post(`/ai-providers/${id}/rotate`, { secret: NEW_SECRET });
    expect([answer.status, answer.body.code]).toEqual([503, 'engine_unavailable']);
    expect(await key()).toMatchObject({ version: 1, mask: 'sk-proj-…Zq9f' });
    expect(await states()).toEqual([
      [2, 'shredded'],
      [1, 'active'],
    ]);
  });

  it('#23 parallel rotations: one goes on, the others are told; exactly one version is active', async () => {
    engine.answer = () => ({ status: 200, body: testResult(true) });
    const answers = await Promise.all(
      [1, 2, 3, 4].map((i) => owner.post(`/ai-providers/${id}/rotate`, { secret: `${NEW_SECRET}${i}` })),
    );
    const outcomes = answers.map(({ status, body }) => (status === 200 ? 'ok' : body.code));
    expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeGreaterThanOrEqual(1);
    expect(outcomes.every((outcome) => outcome === 'ok' || outcome === 'conflict')).toBe(true);
    const active = (await states()).filter(([, state]: [number, string]) => state === 'active');
    expect(active).toHaveLength(1);
    const left = await withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM secret_versions v JOIN provider_keys k ON k.secret_id = v.secret_id
         WHERE k.id = $1 AND v.state = 'pending'`,
        [toUuid(id)],
      );
      return rows[0]!.n;
    });
    expect(left).toBe(0);
  });
});
