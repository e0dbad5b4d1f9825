import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, toUuid } from '#lib/kernel';
import { NoticeStore, PgPool } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';
import { ExpiryNoticesService } from './expiry-notices.service.js';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-21T10:00:00Z');

describe('notices of keys that end', () => {
  let database: TestDatabase;
  let superuser: PgPool;
  let pools: PgPool[];
  let workers: ExpiryNoticesService[];
  let clock: ManualClock;
  let tenant: TenantFixture;

  beforeAll(async () => {
    database = await startTestDatabase();
    superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    pools = [1, 2].map(() => new PgPool({ databaseUrl: database.workerUrl, max: 2 }));
  });
  afterAll(async () => {
    await Promise.all([...pools, superuser].map((pool) => pool.close()));
    await database.stop();
  });
  beforeEach(async () => {
    await superuser.query('UPDATE provider_keys SET expires_at = NULL');
    tenant = await makeTenant(database.superuserUrl);
    clock = new ManualClock(START);
    workers = pools.map((pool) => new ExpiryNoticesService(new NoticeStore(pool), clock));
  });

  const set = (column: 'expires_at' | 'enabled', value: unknown) =>
    superuser.query(`UPDATE provider_keys SET ${column} = $2 WHERE id = $1`, [
      toUuid(tenant.aiProviderId),
      value,
    ]);
  const endsIn = (days: number) => set('expires_at', new Date(clock.now().getTime() + days * DAY_MS));
  /** Two workers look at the same moment. */
  const look = async () => Promise.all(workers.map((worker) => worker.run()));
  const written = async () => {
    const { rows } = await superuser.query<{ kind: string; level: string; days_before: number }>(
      'SELECT kind, level, days_before FROM notices WHERE org_id = $1 ORDER BY id',
      [toUuid(tenant.orgId)],
    );
    return rows.map(({ kind, level, days_before }) => `${kind} ${level} ${days_before}`);
  };
  const count = async (table: 'audit_events' | 'outbox_events', column: string, value: string) => {
    const { rows } = await superuser.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${table} WHERE org_id = $1 AND ${column} = $2`,
      [toUuid(tenant.orgId), value],
    );
    return rows[0]?.n;
  };

  it('come 30, 7 and 1 days before and at the end, once each, however often two workers look', async () => {
    await endsIn(31);
    const total = { notices: 0 };
    for (let hours = 0; hours < 33 * 24; hours += 6) {
      for (const made of await look()) total.notices += made;
      clock.advance(DAY_MS / 4);
    }
    expect(total.notices).toBe(4);
    expect(await written()).toEqual([
      'aiProvider.expiring info 30',
      'aiProvider.expiring warning 7',
      'aiProvider.expiring critical 1',
      'aiProvider.expired critical 0',
    ]);
    expect(await count('audit_events', 'action', 'notices:CreateNotice')).toBe(4);
    expect(await count('outbox_events', 'topic', 'provider-key.expiring')).toBe(3);
    expect(await count('outbox_events', 'topic', 'provider-key.expired')).toBe(1);
  });

  it('come not before their day, and at its first moment', async () => {
    await endsIn(7);
    clock.advance(-1);
    await look();
    expect(await written()).toEqual(['aiProvider.expiring info 30']);
    clock.advance(1);
    await look();
    expect(await written()).toContain('aiProvider.expiring warning 7');
  });

  it('a key that is first seen five days before its end gets the notice of seven days, not that of thirty', async () => {
    await endsIn(5);
    await look();
    expect(await written()).toEqual(['aiProvider.expiring warning 7']);
  });

  it('are armed again by another date, and stay quiet when it goes away', async () => {
    await endsIn(6);
    await look();
    await endsIn(20);
    await look();
    expect(await written()).toEqual(['aiProvider.expiring warning 7', 'aiProvider.expiring info 30']);
    await set('expires_at', null);
    clock.advance(60 * DAY_MS);
    await look();
    expect((await written()).length).toBe(2);
  });

  it('do not come for a disabled key, nor for one of a deleted organization', async () => {
    await endsIn(3);
    await set('enabled', false);
    await look();
    expect(await written()).toEqual([]);
    await set('enabled', true);
    await superuser.query(`INSERT INTO org_deletions VALUES ($1, now(), 'usr_x')`, [toUuid(tenant.orgId)]);
    await look();
    expect(await written()).toEqual([]);
  });

  it('where the audit row cannot be written, there is no notice and no event', async () => {
    await endsIn(3);
    const audit = 'ON FUNCTION lookup.audit_append(uuid, text, text, text, text, text, jsonb)';
    await superuser.query(`REVOKE EXECUTE ${audit} FROM claviger_worker`);
    await expect(workers[0]!.run()).rejects.toMatchObject({ code: 'internal' });
    expect(await written()).toEqual([]);
    expect(await count('outbox_events', 'topic', 'provider-key.expiring')).toBe(0);
    await superuser.query(`GRANT EXECUTE ${audit} TO claviger_worker`);
    await look();
    expect((await written()).length).toBe(1);
  });
});
