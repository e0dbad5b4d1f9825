import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgPool } from '#lib/persistence';
import { interleave, startTestDatabase, type TestDatabase } from '#lib/testing';

const TRANSACTIONS = 2_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

describe('interleaved transactions over pools of two, a quarter of them aborted', () => {
  it('#7 read and write rows of their own organization only, with queries that have no filter', async () => {
    const counted = await interleave({ database, transactions: TRANSACTIONS, orgs: 12 });
    console.log(`interleaving: ${JSON.stringify(counted)}`);
    const { committed, thrown, refused, cut } = counted;
    expect(committed + thrown + refused + cut).toBe(TRANSACTIONS);
    expect(Math.min(thrown, refused, cut)).toBeGreaterThan(0);
    expect(counted.rowsRead).toBeGreaterThan(10 * TRANSACTIONS);
    expect(counted.outsideLooks).toBeGreaterThan(50);
    const { crossReads, crossWrites, outsideRows } = counted;
    expect({ crossReads, crossWrites, outsideRows }).toEqual({
      crossReads: 0,
      crossWrites: 0,
      outsideRows: 0,
    });
    // Nothing is left out but what the control plane may not read, ended organizations among it.
    expect(counted.tablesReadByOrm).toBeGreaterThanOrEqual(counted.tables - 2);
  });

  it('control: a table whose wall lets others through is noticed', async () => {
    const owner = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    await owner.query('ALTER POLICY tenant ON plan_counters USING (true)');
    const { crossReads, outsideRows } = await interleave({ database, transactions: 20, orgs: 2 });
    await owner.close();
    expect(crossReads).toBeGreaterThan(20);
    expect(outsideRows).toBeGreaterThan(0);
  });
});
