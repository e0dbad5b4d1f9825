import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { startFakeEngine, testResult, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('#20 the health of a key, as its OWNERs see it', () => {
  let api: TestApi;
  let keyFiles: KeyFiles;
  let engine: FakeEngine;
  let owner: Person;
  let id: string;
  beforeAll(async () => {
    keyFiles = makeKeyFiles();
    engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
    api = await startTestApi({ keyFiles, env: { CLAVIGER_ENGINE_INTERNAL_URL: engine.url } });
  });
  afterAll(async () => {
    await api.stop();
    await engine.stop();
    keyFiles.remove();
  });
  beforeEach(async () => {
    owner = await api.owner();
    const key = { name: 'Main', provider: 'openai', secret: 'sk-health-0123456789abcdef' };
    id = (await owner.post('/ai-providers', key)).body.id;
  });

  const health = async () => (await owner.get(`/ai-providers/${id}/health`)).body;
  const status = async () => {
    const shown = (await owner.get(`/ai-providers/${id}`)).body.status;
    const { data } = (await owner.get(`/ai-providers?status=${shown}`)).body;
    return data.length === 1 ? shown : `${shown}, and the filter finds ${data.length}`;
  };
  const test = async (ok: boolean, more: object = {}) => {
    engine.answer = () => ({ status: 200, body: testResult(ok, more) });
    await owner.post(`/ai-providers/${id}/test`);
  };
  /** What the engine writes about calls. */
  const calls = (set: string) =>
    withSuperuser(api, (pool) => pool.query(`UPDATE provider_keys SET ${set} WHERE id = $1`, [toUuid(id)]));
  const notice = () =>
    withSuperuser(api, (pool) =>
      pool.query(
        `INSERT INTO notices (org_id, id, kind, provider_key_id, level, created_at)
         VALUES ($1, gen_random_uuid(), 'aiProvider.failing', $2, 'warning', clock_timestamp())`,
        [toUuid(owner.orgId), toUuid(id)],
      ),
    );
  const notices = async () => (await owner.get('/notices')).body.data;

  it('tests are in its history, the newest first; a failure that is not about the key keeps no message', async () => {
    expect(await health()).toEqual({ refusedInARow: 0, lastOkAt: null, data: [] });
    await test(false);
    await test(false, { status: 'error', message: 'you asked: Hi.' });
    await test(true);
    const { data } = await health();
    const event = { at: expect.any(String), source: 'test', runId: null, refusedInARow: 0 };
    expect(data).toEqual([
      { ...event, outcome: 'ok', code: null, message: null },
      { ...event, outcome: 'failed', code: 'error', message: null },
      { ...event, outcome: 'refused', code: 'auth_failed', message: testResult(false).message },
    ]);
  });

  it('a call that succeeds after a failed test, or after refusals, brings the key back by itself', async () => {
    await test(false);
    expect(await status()).toBe('failing');
    await calls(`last_ok_at = clock_timestamp() + interval '1 second'`);
    expect(await status()).toBe('configured');
    await calls('refused_in_a_row = 3');
    expect(await status()).toBe('failing');
    await calls('refused_in_a_row = 0');
    expect(await status()).toBe('configured');
  });

  it('OWNERs are told while calls are refused, and dismiss it for one row of refusals', async () => {
    await calls('refused_in_a_row = 3');
    await notice();
    const [{ id: told, ...rest }] = await notices();
    expect(rest).toMatchObject({
      kind: 'aiProvider.failing',
      level: 'warning',
      subjectId: id,
      subjectName: 'Main',
      expiresAt: null,
      daysBefore: null,
    });
    expect((await owner.post(`/notices/${told}/dismiss`)).status).toBe(204);
    expect(await notices()).toEqual([]);
    await calls('refused_in_a_row = 0');
    await calls('refused_in_a_row = 3');
    await notice();
    expect(await notices()).toHaveLength(1);
    await calls('refused_in_a_row = 0');
    expect(await notices()).toEqual([]);
  });

  it('#7 is nobody else’s', async () => {
    await test(false);
    const stranger = await api.owner();
    expect((await stranger.get(`/ai-providers/${id}/health`)).status).toBe(404);
  });
});
