import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, toUuid } from '#lib/kernel';
import { insertSecretVersion, PgPool, RewrapStore, TenantDb } from '#lib/persistence';
import { startFakeEngine, testResult, type FakeEngine } from '../support/fake-engine.js';
import { makeKeyFiles } from '../support/key-files.js';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-race-0123456789abcdef';
const ROUNDS = 12;

describe('deletion of an organization in which others are at work', () => {
  let api: TestApi;
  let second: TestApi;
  let engine: FakeEngine;
  let workerPool: PgPool;

  beforeAll(async () => {
    const keyFiles = makeKeyFiles();
    engine = await startFakeEngine(() => keyFiles.ticketPublicKeyPem);
    engine.answer = () => ({ status: 200, body: testResult(true) });
    const env = { CLAVIGER_ENGINE_INTERNAL_URL: engine.url };
    api = await startTestApi({ keyFiles, env });
    second = await startTestApi({ keyFiles, env, database: api.database });
    workerPool = new PgPool({ databaseUrl: api.database.workerUrl, max: 4 });
  });
  afterAll(async () => {
    await workerPool.close();
    await second.stop();
    await api.stop();
    await engine.stop();
  });

  const readable = async (orgId: string) =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM secret_versions
         WHERE org_id = $1 AND (envelope IS NOT NULL OR wrapped_dek IS NOT NULL OR state <> 'shredded')`,
        [toUuid(orgId)],
      );
      return rows[0]!.n;
    });
  /** The same person, seen by the other api process. */
  const elsewhere = (owner: Person): Person => {
    const twin = second.stranger();
    Object.assign(twin, { cookie: owner.cookie, csrfToken: owner.csrfToken });
    return twin;
  };
  /** Resolves when a transaction waits at an organization's door. */
  const someoneWaits = () =>
    withSuperuser(api, async (pool) => {
      const sql = `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`;
      while ((await pool.query(sql)).rowCount === 0) await delay(10);
    });
  const slugOf = async (owner: Person): Promise<string> =>
    (await owner.get(`/orgs/${owner.orgId}`)).body.slug;
  /** The worker moves every wrapped key to "another" master key, over and over, until told to stop. */
  async function rewrapUntil(stopped: () => boolean): Promise<void> {
    const store = new RewrapStore(workerPool);
    while (!stopped()) {
      const refs = (await store.progress()).map(({ kmsRef }) => kmsRef);
      await store.batch({ purpose: 'call', refs, limit: 50 }, async (rows, save) => {
        await delay(5);
        for (const row of rows)
          await save(row, { kmsRef: `${row.kmsRef}`, wrappedDek: row.wrappedDek }, row.wrappedDek);
      });
    }
  }

  it('leaves no readable ciphertext and answers nobody with a fault of its own, whatever comes at the same moment', async () => {
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const owner = await api.owner();
      const twin = elsewhere(owner);
      const slug = await slugOf(owner);
      const key = async (name: string) =>
        (await owner.post('/ai-providers', { name, provider: 'openai', secret: SECRET })).body.id as string;
      const [a, b] = [await key('A'), await key('B')];
      let over = false;
      const worker = rewrapUntil(() => over);
      const later = async <T>(ms: number, call: () => Promise<T>): Promise<T> => {
        await delay(ms);
        return call();
      };
      const spread = (i: number) => ((round * 7 + i * 3) % 24) * 2;
      const calls = [
        () => twin.post('/ai-providers', { name: 'C', provider: 'openai', secret: SECRET }),
        () => owner.post('/ai-providers', { name: 'D', provider: 'openai', secret: SECRET }),
        () => twin.post('/secrets', { name: 'S', secret: SECRET, origins: ['https://api.openai.com'] }),
        () => twin.post(`/ai-providers/${a}/rotate`, { secret: `${SECRET}2` }),
        () => owner.patch(`/ai-providers/${b}`, { secret: `${SECRET}3` }),
        () => twin.post('/tokens', { name: 'T', kind: 'api' }),
        // Cut off in the middle: see the last test.
        () => owner.get(`/orgs/${owner.orgId}/export`).catch(() => ({ status: 404 })),
      ];
      const others = calls.map((call, i) => later(spread(i), call));
      const deletions = [owner, twin].map((who, i) =>
        later(14 + i, () => who.send('DELETE', `/orgs/${owner.orgId}`, { confirm: slug })),
      );
      const answers = await Promise.all([...deletions, ...others]).finally(() => (over = true));
      await worker;
      for (const { status } of answers) seen.set(String(status), (seen.get(String(status)) ?? 0) + 1);
      expect(answers.slice(0, 2).filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      expect([round, await readable(owner.orgId)]).toEqual([round, 0]);
      expect((await twin.get('/ai-providers')).status).toBe(403);
    }
    // Both ends of the race were met: some came before the deletion, some too late.
    expect(seen.get('201') ?? 0).toBeGreaterThan(0);
    expect((seen.get('403') ?? 0) + (seen.get('404') ?? 0)).toBeGreaterThan(ROUNDS);
  });

  it('waits for a transaction that is about to store a sealed secret, and erases that too', async () => {
    const owner = await api.owner();
    const secret = { name: 'S', secret: SECRET, origins: ['https://api.openai.com'] };
    const { id } = (await owner.post('/secrets', secret)).body;
    const db = new TenantDb({ databaseUrl: api.database.apiUrl, max: 2 });
    let deletion: Promise<{ status: number }> | undefined;
    const confirm = await slugOf(owner);
    await db.withOrg(owner.orgId, async (tx) => {
      deletion = owner.send('DELETE', `/orgs/${owner.orgId}`, { confirm });
      await Promise.race([deletion, someoneWaits()]);
      await insertSecretVersion(tx, version(owner.orgId, id));
    });
    expect((await deletion)?.status).toBe(200);
    expect(await readable(owner.orgId)).toBe(0);
    await db.close();
  });

  it('refuses a transaction that comes after it, even of somebody who was let in before', async () => {
    const owner = await api.owner();
    const db = new TenantDb({ databaseUrl: api.database.apiUrl, max: 2 });
    expect(
      (await owner.send('DELETE', `/orgs/${owner.orgId}`, { confirm: await slugOf(owner) })).status,
    ).toBe(200);
    let ran = false;
    const late = db.withOrg(owner.orgId, async () => {
      ran = true;
    });
    await expect(late).rejects.toMatchObject({ code: 'not_found' });
    expect(ran).toBe(false);
    await db.close();
  });

  it('a rotation that waits for the vendor when the organization goes answers not_found and leaves nothing', async () => {
    const owner = await api.owner();
    const key = (await owner.post('/ai-providers', { name: 'K', provider: 'openai', secret: SECRET })).body
      .id;
    const confirm = await slugOf(owner);
    let deleted: Promise<{ status: number }> | undefined;
    engine.answer = () => {
      deleted ??= owner.send('DELETE', `/orgs/${owner.orgId}`, { confirm });
      return { status: 200, body: testResult(true) };
    };
    // The vendor's answer comes while the deletion runs; one of both is first, and neither leaves a sealed byte.
    const rotated = await owner.post(`/ai-providers/${key}/rotate`, { secret: `${SECRET}2` });
    expect([200, 404]).toContain(rotated.status);
    expect((await deleted)?.status).toBe(200);
    expect(await readable(owner.orgId)).toBe(0);
  });

  it('ends an export that is being read: its last line is missing', async () => {
    const owner = await api.owner();
    await withSuperuser(api, (pool) =>
      pool.query(`INSERT INTO provider_gates SELECT $1, 'p' || n, false FROM generate_series(1, 60000) n`, [
        toUuid(owner.orgId),
      ]),
    );
    const response = await fetch(`${api.url}/api/v1/orgs/${owner.orgId}/export`, {
      headers: { cookie: owner.cookie ?? '' },
    });
    const reader = response.body!.getReader();
    let text = new TextDecoder().decode((await reader.read()).value);
    await owner.send('DELETE', `/orgs/${owner.orgId}`, { confirm: await slugOf(owner) });
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read())
        text += new TextDecoder().decode(part.value);
    } catch {
      // The connection is cut: there is no other way to say so after the first byte.
    }
    expect(text).toContain('"type":"export"');
    expect(text).not.toContain('"type":"end"');
  });
});

function version(orgId: string, secretId: string) {
  const bytes = Buffer.from('sealed');
  return {
    ...{ orgId, secretId, version: 2, format: 1, kmsRef: 'local:1', origins: [] },
    ...{ wrappedDek: bytes, envelope: bytes, state: 'pending' as const, createdBy: newId('usr') },
  };
}
