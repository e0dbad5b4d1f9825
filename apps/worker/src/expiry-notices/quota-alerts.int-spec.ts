import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, QuotaAlertStore } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

describe('#53 alerts of quotas and budgets', () => {
  let database: TestDatabase;
  let superuser: PgPool;
  let pools: PgPool[];
  let workers: QuotaAlertStore[];
  let tenant: TenantFixture;
  let quota: string;

  beforeAll(async () => {
    database = await startTestDatabase();
    superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    pools = [1, 2].map(() => new PgPool({ databaseUrl: database.workerUrl, max: 2 }));
    workers = pools.map((pool) => new QuotaAlertStore(pool));
  });
  afterAll(async () => {
    await Promise.all([...pools, superuser].map((pool) => pool.close()));
    await database.stop();
  });
  beforeEach(async () => {
    tenant = await makeTenant(database.superuserUrl);
    quota = newUuid();
    await superuser.query(
      `INSERT INTO quotas (org_id, id, name, metric, period, max, mode, thresholds)
       VALUES ($1, $2, 'Monthly', 'cost_micro_usd', 'month', 1000, 'enforce', '{50,80,100}')`,
      [toUuid(tenant.orgId), quota],
    );
    await superuser.query(
      `INSERT INTO quota_counters (org_id, quota_id, window_start) VALUES ($1, $2, date_trunc('month', now(), 'UTC'))`,
      [toUuid(tenant.orgId), quota],
    );
  });

  const used = (settled: number) =>
    superuser.query('UPDATE quota_counters SET settled = $2 WHERE quota_id = $1', [quota, settled]);
  const limit = (max: number) => superuser.query('UPDATE quotas SET max = $2 WHERE id = $1', [quota, max]);
  /** Two workers look at the same moment, twice. */
  const look = async () => {
    for (let time = 0; time < 2; time += 1) await Promise.all(workers.map((worker) => worker.run()));
  };
  const told = async () => {
    const { rows } = await superuser.query<{ level: string; threshold: number }>(
      'SELECT level, threshold FROM notices WHERE org_id = $1 ORDER BY id',
      [toUuid(tenant.orgId)],
    );
    return rows.map(({ level, threshold }) => `${threshold} ${level}`);
  };

  it('come once for each threshold, the highest one that is reached, with an audit row and an event each', async () => {
    await used(499);
    await look();
    expect(await told()).toEqual([]);
    await used(500);
    await look();
    expect(await told()).toEqual(['50 info']);
    await used(1_000);
    await look();
    expect(await told()).toEqual(['50 info', '100 critical']);
    for (const [table, column, value] of [
      ['audit_events', 'action', 'notices:CreateNotice'],
      ['outbox_events', 'topic', 'quota.threshold-reached'],
    ]) {
      const { rows } = await superuser.query(`SELECT 1 FROM ${table} WHERE org_id = $1 AND ${column} = $2`, [
        toUuid(tenant.orgId),
        value,
      ]);
      expect(rows).toHaveLength(2);
    }
  });

  it('are armed again by the next window', async () => {
    await used(900);
    await look();
    await superuser.query(
      `UPDATE notices SET window_start = window_start - interval '1 month' WHERE quota_id = $1`,
      [quota],
    );
    await look();
    expect(await told()).toEqual(['80 warning', '80 warning']);
  });

  it('are armed again by a limit that is raised, and not by one that is lowered back', async () => {
    await used(900);
    await look();
    await limit(1_100);
    await look();
    expect(await told()).toEqual(['80 warning', '80 warning']);
    await limit(1_000);
    await look();
    expect((await told()).length).toBe(2);
  });

  it('say that it is full when a call was refused, whatever was reserved and comes back', async () => {
    await superuser.query('UPDATE quota_counters SET refused_at = now() WHERE quota_id = $1', [quota]);
    await look();
    expect(await told()).toEqual(['100 critical']);
  });

  it('what is long over goes: windows of minutes after days, charged reservations after a day', async () => {
    await superuser.query(`UPDATE quotas SET period = 'minute' WHERE id = $1`, [quota]);
    await superuser.query(
      `UPDATE quota_counters SET window_start = now() - interval '9 days' WHERE quota_id = $1`,
      [quota],
    );
    await look();
    const { rows } = await superuser.query('SELECT 1 FROM quota_counters WHERE quota_id = $1', [quota]);
    expect(rows).toEqual([]);
  });
});
