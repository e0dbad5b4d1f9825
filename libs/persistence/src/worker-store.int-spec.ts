import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { appendOutboxPg, PgPool, verifyAuditChain, withTenantPg, WorkerStore } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let root: PgPool;
let worker: PgPool;
let store: WorkerStore;
let t: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  worker = new PgPool({ databaseUrl: database.workerUrl });
  store = new WorkerStore(worker);
});
afterAll(async () => {
  await Promise.all([root.close(), worker.close()]);
  await database.stop();
});
beforeEach(async () => {
  t = await makeTenant(database.superuserUrl);
  await root.query('TRUNCATE outbox_events');
});

const count = async (sql: string, values: unknown[] = []) =>
  Number((await root.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, values)).rows[0]!.n);

describe('the outbox', () => {
  it('gives events of all tenants, oldest first, until they are marked', async () => {
    const other = await makeTenant(database.superuserUrl);
    for (const [i, orgId] of [t.orgId, other.orgId, t.orgId].entries()) {
      const ids = { number: i };
      await withTenantPg(worker, orgId, (tx) => appendOutboxPg(tx, { orgId, topic: 'org.updated', ids }));
    }
    const events = await store.unpublishedEvents(10);
    expect(events.map((event) => [event.orgId, event.ids])).toEqual([
      [t.orgId, { number: 0 }],
      [other.orgId, { number: 1 }],
      [t.orgId, { number: 2 }],
    ]);
    expect((await store.unpublishedEvents(2)).map((event) => event.id)).toEqual(
      events.slice(0, 2).map((e) => e.id),
    );
    await store.markPublished([events[0]!.id, events[2]!.id]);
    expect((await store.unpublishedEvents(10)).map((event) => event.id)).toEqual([events[1]!.id]);
  });
});

describe('retention', () => {
  it('removes what has had its time, and only that', async () => {
    const org = toUuid(t.orgId);
    await root.query('DELETE FROM auth_throttle');
    await root.query(`UPDATE sessions SET expires_at = now() WHERE id = $1`, [toUuid(t.sessionId)]);
    const idempotency = `INSERT INTO idempotency_keys (org_id, principal, route, key, request_hash, created_at) VALUES ($1, 'p', 'r', $2, 'h', now() - $3::interval)`;
    await root.query(idempotency, [org, 'old', '25 hours']);
    await root.query(idempotency, [org, 'new', '23 hours']);
    await root.query(
      `INSERT INTO auth_throttle VALUES ('old', now() - interval '2 days', 1), ('new', now(), 1)`,
    );
    const outbox = `INSERT INTO outbox_events (org_id, id, topic, ids, created_at, published_at) VALUES ($1, $2, $3, '{}', now() - interval '30 days', $4)`;
    await root.query(outbox, [org, newUuid(), 'published', new Date(Date.now() - 8 * 86_400_000)]);
    await root.query(outbox, [org, newUuid(), 'waiting', null]);
    await store.purgeExpired();
    expect(await count('sessions WHERE id = $1', [toUuid(t.sessionId)])).toBe(0);
    expect((await root.query('SELECT key FROM idempotency_keys WHERE org_id = $1', [org])).rows).toEqual([
      { key: 'new' },
    ]);
    expect((await root.query('SELECT bucket FROM auth_throttle')).rows).toEqual([{ bucket: 'new' }]);
    expect((await root.query('SELECT topic FROM outbox_events')).rows).toEqual([{ topic: 'waiting' }]);
  });
});

describe('shredding', () => {
  const retire = (age: string) =>
    root.query(
      `UPDATE secret_versions SET state = 'draining', retired_at = now() - $2::interval WHERE org_id = $1`,
      [toUuid(t.orgId), age],
    );
  const abandon = (age: string) =>
    root.query(
      `UPDATE secret_versions SET state = 'pending', created_at = now() - $2::interval WHERE org_id = $1`,
      [toUuid(t.orgId), age],
    );
  const version = async () =>
    (
      await root.query(`SELECT state, wrapped_dek, envelope FROM secret_versions WHERE org_id = $1`, [
        toUuid(t.orgId),
      ])
    ).rows[0];
  const stale = (state: 'draining' | 'pending') => ({
    ...{ orgId: t.orgId, secretId: t.secretId, version: 1, state },
  });

  it('finds drained versions when their 15 minutes are over', async () => {
    await retire('14 minutes 50 seconds');
    expect(await store.drainedVersions(100)).toEqual([]);
    await retire('15 minutes');
    expect(await store.drainedVersions(100)).toEqual([stale('draining')]);
    await store.shredVersion(stale('draining'));
  });

  it('#23 finds versions that a rotation left waiting, when no rotation can be making them any more', async () => {
    await abandon('4 minutes 50 seconds');
    expect(await store.abandonedVersions(100)).toEqual([]);
    await abandon('5 minutes');
    expect(await store.drainedVersions(100)).toEqual([]);
    expect(await store.abandonedVersions(100)).toEqual([stale('pending')]);
    expect(await store.shredVersion(stale('pending'))).toBe(true);
    expect(await store.abandonedVersions(100)).toEqual([]);
  });

  it.each(['draining', 'pending'] as const)(
    'erases both halves of a %s version with the audit row in the same transaction, once',
    async (state) => {
      await (state === 'draining' ? retire('1 hour') : abandon('1 hour'));
      const results = await Promise.all([1, 2, 3].map(() => store.shredVersion(stale(state))));
      expect(results.sort()).toEqual([false, false, true]);
      expect(await version()).toEqual({ state: 'shredded', wrapped_dek: null, envelope: null });
      const { rows } = await root.query(
        `SELECT change FROM audit_events WHERE org_id = $1 AND action = 'secrets:ShredVersion'`,
        [toUuid(t.orgId)],
      );
      expect(rows).toEqual([{ change: { version: 1, state: [state, 'shredded'] } }]);
      expect(await verifyAuditChain(worker, t.orgId).catch((error: { code: string }) => error.code)).toBe(
        'internal',
      );
    },
  );

  it('leaves an active version alone, one that moved on since, and another tenant’s', async () => {
    expect(await store.shredVersion(stale('draining'))).toBe(false);
    expect(await store.shredVersion(stale('pending'))).toBe(false);
    await retire('1 hour');
    expect(await store.shredVersion(stale('pending'))).toBe(false);
    const other = await makeTenant(database.superuserUrl);
    expect(await store.shredVersion({ ...stale('draining'), orgId: other.orgId })).toBe(false);
    expect(await version()).toMatchObject({ state: 'draining' });
  });
});
