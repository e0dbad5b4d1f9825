import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { PgPool, withTenantPg } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

const ALL = 'SELECT name FROM rate_buckets ORDER BY name';

let database: TestDatabase;
let api: PgPool;
let engine: PgPool;
let worker: PgPool;
let ours: TenantFixture;
let theirs: TenantFixture;

/** Of an organization; the only table of tenants' figures whose rows name their tenant inside of a text. */
const bucketOf = ({ orgId }: TenantFixture, of: string): string => `${toUuid(orgId)}/key/${of}`;

beforeAll(async () => {
  database = await startTestDatabase();
  [api, engine, worker] = [database.apiUrl, database.engineUrl, database.workerUrl].map(
    (databaseUrl) => new PgPool({ databaseUrl, max: 1 }),
  ) as [PgPool, PgPool, PgPool];
  [ours, theirs] = [await makeTenant(database.superuserUrl), await makeTenant(database.superuserUrl)];
  for (const name of [bucketOf(ours, 'a'), bucketOf(theirs, 'a'), bucketOf(theirs, ours.orgId)])
    await engine.query('INSERT INTO rate_buckets (name, state) VALUES ($1, $2)', [name, '{}']);
});
afterAll(async () => {
  await Promise.all([api, engine, worker].map((pool) => pool.close()));
  await database.stop();
});

const names = (rows: Record<string, unknown>[]) => rows.map(({ name }) => name);
const asApi = (tenant: TenantFixture, sql: string) =>
  withTenantPg(api, tenant.orgId, (tx) => tx.query<Record<string, unknown>>(sql));

describe('#1 the counts of rate limits', () => {
  it('are seen by the control plane for the organization that it works for, and for no other', async () => {
    expect(names((await asApi(ours, ALL)).rows)).toEqual([bucketOf(ours, 'a')]);
    const both = [bucketOf(theirs, 'a'), bucketOf(theirs, ours.orgId)].sort();
    expect(names((await asApi(theirs, ALL)).rows).sort()).toEqual(both);
  });

  it('are not seen without an organization, on a connection that had one before and on a fresh one', async () => {
    await asApi(theirs, ALL);
    expect((await api.query(ALL)).rows).toEqual([]);
    const fresh = new PgPool({ databaseUrl: database.apiUrl, max: 1 });
    expect((await fresh.query(ALL)).rows).toEqual([]);
    await fresh.close();
  });

  it('are changed by the engine alone, and the worker does not see them', async () => {
    const sqls = [
      `INSERT INTO rate_buckets (name, state) VALUES ('${bucketOf(ours, 'b')}', '{}')`,
      `UPDATE rate_buckets SET state = '{}'`,
      'DELETE FROM rate_buckets',
    ];
    for (const sql of sqls) await expect(asApi(ours, sql)).rejects.toThrow(/refused the statement/);
    await expect(worker.query(ALL)).rejects.toThrow(/permission denied/);
    expect((await engine.query(ALL)).rowCount).toBe(3);
  });
});
