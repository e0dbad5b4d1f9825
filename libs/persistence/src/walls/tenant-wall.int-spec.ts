import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, tenantWallFaults, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let owner: PgPool;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
});
afterAll(async () => {
  await owner.close();
  await database.stop();
});

/** Looks for faults after `sql`, and takes it back. */
async function faultsAfter(sql: string): Promise<string[]> {
  let faults: string[] = [];
  const undo = new Error('taken back');
  await owner
    .transaction(async (client) => {
      await client.query(sql);
      faults = await tenantWallFaults(client);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return faults;
}

describe('the tenant wall', () => {
  it('#1 every tenant table has row-level security, a key led by org_id and composite references', async () => {
    expect(await tenantWallFaults(owner)).toEqual([]);
  });

  it.each([
    ['CREATE TABLE bad (id uuid PRIMARY KEY)', 'bad: has no org_id'],
    ['CREATE TABLE bad (org_id uuid, id uuid PRIMARY KEY)', 'bad: org_id may be null'],
    ['CREATE TABLE bad (org_id uuid, id uuid PRIMARY KEY)', 'bad: the primary key is not led by org_id'],
    ['CREATE TABLE bad (org_id uuid PRIMARY KEY)', 'bad: row-level security is not enabled'],
    [
      'ALTER TABLE secrets NO FORCE ROW LEVEL SECURITY',
      'secrets: row-level security is not forced on its owner',
    ],
    ['ALTER TABLE tokens DISABLE ROW LEVEL SECURITY', 'tokens: row-level security is not enabled'],
    ['DROP POLICY tenant ON members', 'members: has 0 policies for everybody, not one'],
    ['CREATE POLICY more ON members USING (true)', 'members: has 2 policies for everybody, not one'],
    ['ALTER POLICY tenant ON members USING (true)', 'members: the wall lets others through'],
    ['ALTER POLICY tenant ON members WITH CHECK (true)', 'members: the wall lets others through'],
    ['ALTER POLICY tenant ON members TO claviger_api', 'members: the wall is not for all'],
    ['ALTER TABLE assignments ADD secret_id uuid', 'assignments: secret_id refers to nothing'],
    [
      `ALTER TABLE secrets ADD UNIQUE (id); ALTER TABLE tokens ADD s uuid CONSTRAINT bare REFERENCES secrets (id)`,
      `tokens: bare lets a row point at another tenant's secrets`,
    ],
  ])('a bad table is found: %s', async (sql, fault) => {
    expect(await faultsAfter(sql)).toContain(fault);
  });
});

describe('the process roles', () => {
  it('own nothing, bypass nothing and create nothing', async () => {
    const { rows } = await owner.query(`
      SELECT rolname FROM pg_roles WHERE rolname LIKE 'claviger%'
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
      UNION ALL
      SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE r.rolname IN ('claviger_api', 'claviger_engine', 'claviger_worker', 'claviger_lookup')
      UNION ALL
      SELECT rolname FROM pg_roles WHERE rolname IN ('claviger_lookup', 'claviger_owner') AND rolcanlogin`);
    expect(rows).toEqual([]);
  });

  it('every function that crosses tenants has a fixed search path and is closed to everybody else', async () => {
    const { rows } = await owner.query(`
      SELECT p.proname FROM pg_proc p
      WHERE p.pronamespace IN ('lookup'::regnamespace, 'public'::regnamespace)
        AND ((p.prosecdef AND NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, public, pg_temp%', false))
          OR has_function_privilege('public', p.oid, 'EXECUTE'))`);
    expect(rows).toEqual([]);
  });
});
