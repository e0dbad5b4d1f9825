import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import {
  interleave,
  INTERLEAVED_ROLES,
  makeTenant,
  startTestDatabase,
  type TestDatabase,
} from '#lib/testing';

const TRANSACTIONS = 1_500;
let database: TestDatabase;
let owner: PgPool;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
});
afterAll(async () => {
  await owner.close();
  await database.stop();
});

describe('interleaved transactions over pools of two, a quarter of them aborted', () => {
  it('#7 read and write rows of their own organization only, with queries that have no filter', async () => {
    const counted = await interleave({ database, transactions: TRANSACTIONS, orgs: 12 });
    console.log(`interleaving: ${JSON.stringify(counted)}`);
    const { committed, thrown, refused, cut, roles } = counted;
    expect(committed + thrown + refused + cut).toBe(TRANSACTIONS);
    expect(Math.min(thrown, refused, cut)).toBeGreaterThan(0);
    for (const role of INTERLEAVED_ROLES) {
      const { crossReads, crossWrites, outsideRows, ...counts } = roles[role];
      expect({ role, crossReads, crossWrites, outsideRows }).toEqual({
        ...{ role, crossReads: 0, crossWrites: 0, outsideRows: 0 },
      });
      // Each role read, wrote and looked outside: none of the zeros is one of nothing done.
      expect(counts.transactions).toBe(TRANSACTIONS / 3);
      expect(counts.rowsRead).toBeGreaterThan(3 * counts.transactions);
      expect(counts.rowsWritten).toBeGreaterThan(counts.transactions / 2);
      expect(counts.outsideLooks).toBeGreaterThanOrEqual(counts.transactions / 10);
    }
    // Nothing is left out but what the control plane may not read, ended organizations among it.
    expect(roles.api.tables).toBeGreaterThanOrEqual(counted.tables - 2);
  });

  it('control: a connection that an organization lingers on is noticed, of each role', async () => {
    const { orgId } = await makeTenant(database.superuserUrl);
    const { rows } = await owner.query<{ name: string }>('SELECT current_database() AS name');
    const where = (role: string) => `claviger_${role} IN DATABASE "${rows[0]?.name}"`;
    for (const role of INTERLEAVED_ROLES) {
      await owner.query(`ALTER ROLE ${where(role)} SET app.org_id = '${toUuid(orgId)}'`);
    }
    const { roles } = await interleave({ database, transactions: 120, orgs: 2 });
    for (const role of INTERLEAVED_ROLES) await owner.query(`ALTER ROLE ${where(role)} RESET app.org_id`);
    for (const role of INTERLEAVED_ROLES) {
      expect([role, roles[role].outsideRows > 0, roles[role].crossReads]).toEqual([role, true, 0]);
    }
  });

  it('control: tables whose walls let others through are noticed, by what each role reads and writes', async () => {
    for (const table of ['workspaces', 'agent_runs', 'secret_versions'])
      await owner.query(`ALTER POLICY tenant ON ${table} USING (true) WITH CHECK (true)`);
    const { roles } = await interleave({ database, transactions: 60, orgs: 2 });
    for (const role of INTERLEAVED_ROLES) {
      const { crossReads, crossWrites, outsideRows } = roles[role];
      expect([role, crossReads > 20, crossWrites > 20, outsideRows > 0]).toEqual([role, true, true, true]);
    }
  });
});
