import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, UsageStore } from '#lib/persistence';
import {
  makeTenant,
  startTestDatabase,
  tenantWallFaults,
  type TenantFixture,
  type TestDatabase,
} from '#lib/testing';

const KEEP = { receiptDays: null, minuteDays: 30, runDays: null };
const DAY_MS = 86_400_000;

let database: TestDatabase;
let root: PgPool;
let worker: PgPool;
let other: PgPool;
let store: UsageStore;
let t: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  worker = new PgPool({ databaseUrl: database.workerUrl, max: 2 });
  other = new PgPool({ databaseUrl: database.workerUrl, max: 2 });
  store = new UsageStore(worker);
});
afterAll(async () => {
  await Promise.all([root, worker, other].map((pool) => pool.close()));
  await database.stop();
});
beforeEach(async () => {
  t = await makeTenant(database.superuserUrl);
  await root.query('TRUNCATE usage_days, usage_minutes, usage_records');
});

interface Written {
  at?: string | Date;
  cost?: number | null;
  model?: string;
  outcome?: string;
  user?: string | null;
  count?: number;
}

async function receipts(of: Written = {}): Promise<void> {
  const { at = new Date(), cost = 7, model = 'm', outcome = 'ok', user = null, count = 1 } = of;
  const [org, run] = [toUuid(t.orgId), newUuid()];
  await root.query(
    `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
     VALUES ($1, $2, $3, $4, 'h', 'p', 'succeeded')`,
    [org, run, toUuid(t.workspaceId), run],
  );
  await root.query(
    `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
       user_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, created_at)
     SELECT $1, gen_random_uuid(), $2, $3, $4, 1, 'openai', $5, 'p', $6, $7, 10, 5, 2, 1, $8, $9 FROM generate_series(1, $10)`,
    [org, run, toUuid(t.workspaceId), toUuid(t.aiProviderId), model, user, outcome, cost, at, count],
  );
}

const SUMS = `model, user_id AS user, sum(calls)::int AS calls, sum(failed_calls)::int AS failed, sum(input_tokens)::int AS input,
  sum(output_tokens)::int AS output, sum(cached_input_tokens)::int AS cached, sum(reasoning_tokens)::int AS reasoning,
  sum(cost_micro_usd)::int AS cost, sum(unpriced_calls)::int AS unpriced`;
const days = async () =>
  (await root.query(`SELECT day::text, ${SUMS} FROM usage_days GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)).rows;
const counted = async (table: 'usage_days' | 'usage_minutes' | 'usage_records') =>
  Number(
    (
      await root.query<{ n: string }>(
        `SELECT coalesce(sum(${table === 'usage_records' ? '1' : 'calls'}), 0) AS n FROM ${table}`,
      )
    ).rows[0]!.n,
  );
const once = { calls: 1, failed: 0, input: 10, output: 5, cached: 2, reasoning: 1, cost: 7, unpriced: 0 };

describe('#52 the roll-up', () => {
  it('adds up days in UTC by all that a receipt says; running it again adds nothing, a late receipt is added', async () => {
    await receipts({ at: '2026-03-01T23:59:59.999Z' });
    await receipts({ at: '2026-03-02T00:00:00.000Z' });
    await receipts({ at: '2026-03-02T12:00:00.000Z', cost: null, outcome: 'failed' });
    await receipts({ at: '2026-03-02T12:00:00.000Z', model: 'other' });
    await receipts({ at: '2026-03-02T12:00:00.000Z', model: 'other', user: 'jane' });
    const two = { calls: 2, failed: 1, input: 20, output: 10, cached: 4, reasoning: 2, cost: 7, unpriced: 1 };
    const expected = [
      { day: '2026-03-01', model: 'm', user: null, ...once },
      { day: '2026-03-02', model: 'm', user: null, ...two },
      { day: '2026-03-02', model: 'other', user: 'jane', ...once },
      { day: '2026-03-02', model: 'other', user: null, ...once },
    ];
    expect(await store.rollUp(100, KEEP)).toBe(5);
    expect(await days()).toEqual(expected);
    expect(await store.rollUp(100, KEEP)).toBe(0);
    expect(await days()).toEqual(expected);
    await receipts({ at: '2026-03-01T00:00:00Z' });
    expect(await store.rollUp(100, KEEP)).toBe(1);
    expect((await days())[0]).toMatchObject({ day: '2026-03-01', calls: 2, cost: 14 });
  });

  it('counts each receipt once with two workers at it and one that dies in the middle of a batch', async () => {
    await receipts({ count: 40 });
    const lost = other.transaction(async (client) => {
      await client.query('SELECT lookup.roll_up_usage(15, 30)');
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await root.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
      await client.query('SELECT 1');
    });
    await expect(lost).rejects.toThrow();
    expect(await counted('usage_days')).toBe(0);
    const second = new UsageStore(other);
    for (let round = 0; (await counted('usage_days')) < 40; round += 1) {
      expect(round).toBeLessThan(40);
      await Promise.all([store.rollUp(3, KEEP), second.rollUp(3, KEEP)]);
    }
    expect([await counted('usage_days'), await counted('usage_minutes')]).toEqual([40, 40]);
    expect(await store.rollUp(3, KEEP)).toBe(0);
  });

  it('leaves a receipt of unknown use alone while a true one may still take its place', async () => {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    await receipts({ outcome: 'unknown', at: ago(47) });
    expect(await store.rollUp(10, KEEP)).toBe(0);
    await receipts({ outcome: 'unknown', at: ago(49) });
    expect(await store.rollUp(10, KEEP)).toBe(1);
  });
});

describe('#52 the months of minutes', () => {
  it('are made as they are needed, have the tenant wall, and nobody may read one by itself', async () => {
    await receipts({ at: new Date(Date.now() - 20 * DAY_MS) });
    await receipts();
    await store.rollUp(10, KEEP);
    expect(await counted('usage_minutes')).toBe(2);
    expect(await tenantWallFaults(root)).toEqual([]);
    const { rows } = await root.query<{ part: string; readable: boolean }>(
      `SELECT c.relname AS part, bool_or(has_table_privilege(r.role, c.oid, 'SELECT')) AS readable
       FROM pg_class c CROSS JOIN unnest('{claviger_api,claviger_engine,claviger_worker,claviger_lookup}'::name[]) AS r (role)
       WHERE c.relispartition AND c.relkind = 'r' GROUP BY 1`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ readable }) => readable)).toEqual([]);
  });

  it('go when all of one is older than the operator says; days and what is newer stay', async () => {
    const long = { ...KEEP, minuteDays: 3_650 };
    await receipts({ at: new Date(Date.now() - 100 * DAY_MS) });
    await receipts();
    await store.rollUp(10, long);
    expect(await store.forgetMinutes(long)).toBe(0);
    expect(await counted('usage_minutes')).toBe(2);
    expect(await store.forgetMinutes(KEEP)).toBeGreaterThan(0);
    expect([await counted('usage_minutes'), await counted('usage_days')]).toEqual([1, 2]);
    // What comes later than its minutes were kept is a day's alone.
    await receipts({ at: new Date(Date.now() - 100 * DAY_MS) });
    await store.rollUp(10, KEEP);
    expect([await counted('usage_minutes'), await counted('usage_days')]).toEqual([1, 3]);
  });
});

describe('#41 receipts that have had their time', () => {
  const plan = (limits: object) =>
    root
      .query(
        `INSERT INTO plans (slug, limits) VALUES ('short', $1) ON CONFLICT (slug) DO UPDATE SET limits = excluded.limits`,
        [JSON.stringify(limits)],
      )
      .then(() => root.query(`UPDATE orgs SET plan = 'short' WHERE org_id = $1`, [toUuid(t.orgId)]));
  const aged = async (...ages: number[]) => {
    for (const age of ages) await receipts({ at: new Date(Date.now() - age * DAY_MS) });
  };

  it('go by the plan’s history, only once they are added up, and never within 35 days; their days stay', async () => {
    await aged(100, 50, 30, 3);
    await plan({ historyDays: 7 });
    expect(await store.retireReceipts(10, KEEP)).toBe(0);
    await store.rollUp(10, KEEP);
    const before = await days();
    expect(await store.retireReceipts(10, KEEP)).toBe(2);
    expect(await counted('usage_records')).toBe(2);
    await plan({ historyDays: 60 });
    await aged(55, 70);
    await store.rollUp(10, KEEP);
    expect(await store.retireReceipts(10, KEEP)).toBe(1);
    expect(await counted('usage_days')).toBe(6);
    expect((await days()).slice(0, 1)).toEqual(before.slice(0, 1));
  });

  it('where the plan shows all, they go by the operator’s setting, or never', async () => {
    await aged(500, 90);
    await store.rollUp(10, KEEP);
    expect(await store.retireReceipts(10, KEEP)).toBe(0);
    expect(await store.retireReceipts(10, { ...KEEP, receiptDays: 365 })).toBe(1);
    expect(await counted('usage_records')).toBe(1);
  });
});

describe('#48 rows of runs that ended long ago', () => {
  const ended = async (id: string, daysAgo: number | null) => {
    await root.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, finished_at)
       VALUES ($1, $2, $3, $2::uuid::text, 'h', 'p', 'succeeded', now() - $4 * interval '1 day')`,
      [toUuid(t.orgId), id, toUuid(t.workspaceId), daysAgo],
    );
    await root.query(`INSERT INTO run_events VALUES ($1, $2, 1, 1, '[]')`, [toUuid(t.orgId), id]);
  };
  const left = async (ids: string[]) => {
    const sql = 'SELECT id FROM agent_runs WHERE id = ANY ($1)';
    const { rows } = await root.query<{ id: string }>(sql, [ids]);
    return ids.map((id) => rows.some((row) => row.id === id));
  };

  it('go by the operator’s setting, in batches and not within 35 days; one under way or with a receipt stays', async () => {
    const [old, older, young, running] = [newUuid(), newUuid(), newUuid(), newUuid()];
    const all = [old, older, young, running];
    await ended(old, 100);
    await ended(older, 500);
    await ended(young, 30);
    await ended(running, null);
    await receipts({ at: new Date(Date.now() - 500 * DAY_MS) });
    await root.query(
      `UPDATE agent_runs r SET finished_at = now() - interval '500 days'
       WHERE EXISTS (SELECT 1 FROM usage_records u WHERE u.run_id = r.id)`,
    );
    expect(await store.retireRuns(10, KEEP)).toBe(0);
    expect(await store.retireRuns(10, { ...KEEP, runDays: 400 })).toBe(1);
    expect(await left(all)).toEqual([true, false, true, true]);
    await ended(older, 500);
    expect(await store.retireRuns(1, { ...KEEP, runDays: 35 })).toBe(1);
    expect(await store.retireRuns(10, { ...KEEP, runDays: 35 })).toBe(1);
    expect(await left(all)).toEqual([false, false, true, true]);
    expect(await counted('usage_records')).toBe(1);
    // Its receipt has its time, and then the run has, too.
    await store.rollUp(10, KEEP);
    await store.retireReceipts(10, { ...KEEP, receiptDays: 365 });
    expect(await store.retireRuns(10, { ...KEEP, runDays: 1 })).toBe(1);
    expect(await left([young, running])).toEqual([true, true]);
  });
});
