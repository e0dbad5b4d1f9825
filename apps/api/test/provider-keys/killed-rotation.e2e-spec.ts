import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { PgPool, WorkerStore } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { startFakeEngine, testResult, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';

describe('#23 a rotation whose process dies between sealing and the verdict', () => {
  let database: TestDatabase;
  let db: PgPool;
  let keyFiles: KeyFiles;
  let engine: FakeEngine;
  let api: PlaneProcess;
  let owner: Person;
  let id: string;
  let n = 0;

  beforeAll(async () => {
    database = await startTestDatabase();
    db = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    keyFiles = makeKeyFiles();
    engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
  });
  afterAll(async () => {
    await engine?.stop();
    await db?.close();
    await database?.stop();
    keyFiles?.remove();
  });
  beforeEach(async () => {
    const env = { DATABASE_URL: database.apiUrl, CLAVIGER_ENGINE_INTERNAL_URL: engine.url };
    api = await startPlane('api', { ...env, ...keyFiles.env });
    owner = await new Person(api.url).signUp(`owner-${(n += 1)}@example.test`);
    const key = { name: 'K', provider: 'openai', secret: 'sk-first-0123456789abcdef-AAAA' };
    id = (await owner.post('/ai-providers', key)).body.id;
  });
  afterEach(() => api.stop());

  /** What is stored of the key's secret, oldest first: state, and whether there are sealed bytes. */
  const stored = async () => {
    const { rows } = await db.query<{ state: string; sealed: boolean }>(
      `SELECT v.state, v.envelope IS NOT NULL AND v.wrapped_dek IS NOT NULL AS sealed FROM secret_versions v
       JOIN provider_keys k ON k.org_id = v.org_id AND k.secret_id = v.secret_id WHERE k.id = $1 ORDER BY v.version`,
      [toUuid(id)],
    );
    return rows.map(({ state, sealed }) => (sealed ? state : `${state}, empty`));
  };
  const age = (minutes: number) =>
    db.query(
      `UPDATE secret_versions SET created_at = clock_timestamp() - make_interval(mins => $1) WHERE state = 'pending'`,
      [minutes],
    );
  it('leaves a waiting version, which the worker erases with its audit row once no rotation can be making it', async () => {
    engine.answer = async () => {
      await api.kill();
      return { status: 200, body: testResult(true) };
    };
    await owner
      .post(`/ai-providers/${id}/rotate`, { secret: 'sk-second-0123456789abcdef-BBBB' })
      .catch(() => undefined);
    expect(await stored()).toEqual(['active', 'pending']);
    await age(6);
    // Its retention begins with it.
    const worker = await startPlane('worker', { DATABASE_URL: database.workerUrl });
    for (let waited = 0; (await stored()).includes('pending') && waited < 20_000; waited += 50)
      await delay(50);
    await worker.stop();
    expect(await stored()).toEqual(['active', 'shredded, empty']);
    const { rows } = await db.query<{ actor: string; change: object }>(
      `SELECT actor, change FROM audit_events WHERE action = 'secrets:ShredVersion' AND target =
         (SELECT target FROM audit_events WHERE action = 'secrets:ShredVersion' ORDER BY seq DESC LIMIT 1)`,
    );
    expect(rows).toEqual([{ actor: 'system', change: { version: 2, state: ['pending', 'shredded'] } }]);
  });

  it('that only stood still is told so when it wakes up: the old secret stays the one in use', async () => {
    engine.answer = async () => {
      await age(6);
      const pool = new PgPool({ databaseUrl: database.workerUrl, max: 1 });
      const worker = new WorkerStore(pool);
      for (const version of await worker.abandonedVersions(10)) await worker.shredVersion(version);
      await pool.close();
      return { status: 200, body: testResult(true) };
    };
    const answer = await owner.post(`/ai-providers/${id}/rotate`, {
      secret: 'sk-second-0123456789abcdef-BB',
    });
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
    expect(await stored()).toEqual(['active', 'shredded, empty']);
    expect((await owner.get(`/ai-providers/${id}`)).body).toMatchObject({ version: 1, status: 'configured' });
  });
});
