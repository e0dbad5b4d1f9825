import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { newUuid, toUuid } from '#lib/kernel';
import { PgPool, TenantDb, withTenantPg } from '#lib/persistence';
import { makeTenant, startTestDatabase, type TenantFixture, type TestDatabase } from '#lib/testing';

let database: TestDatabase;
let db: TenantDb;
let pool: PgPool;
let t: TenantFixture;

beforeAll(async () => {
  database = await startTestDatabase();
  db = new TenantDb({ databaseUrl: database.apiUrl });
  pool = new PgPool({ databaseUrl: database.apiUrl });
  t = await makeTenant(database.superuserUrl);
});
afterAll(async () => {
  await Promise.all([db.close(), pool.close()]);
  await database.stop();
});

const workspace = (slug: string) => ({ orgId: toUuid(t.orgId), id: newUuid(), slug, name: slug });
const insertWorkspace = `INSERT INTO workspaces (org_id, id, slug, name) VALUES ($1, $2, $3, $3)`;

describe('what the database refuses reaches the caller as an error of the closed set', () => {
  it('a taken name, through the ORM and through plain SQL', async () => {
    const orm = db.withOrg(t.orgId, (tx) => tx.workspace.create({ data: workspace('default') }));
    await expect(orm).rejects.toMatchObject({ code: 'name_taken' });
    const sql = withTenantPg(pool, t.orgId, (tx) =>
      tx.query(insertWorkspace, [toUuid(t.orgId), newUuid(), 'default']),
    );
    await expect(sql).rejects.toMatchObject({ code: 'name_taken' });
  });

  it('a duplicate that has no name', async () => {
    const row = {
      orgId: toUuid(t.orgId),
      workspaceId: toUuid(t.workspaceId),
      providerKeyId: toUuid(t.aiProviderId),
    };
    const twice = db.withOrg(t.orgId, (tx) => tx.assignment.create({ data: row }));
    await expect(twice).rejects.toMatchObject({ code: 'conflict' });
  });

  it('a reference to nothing is the one not_found', async () => {
    const row = { orgId: toUuid(t.orgId), workspaceId: newUuid(), providerKeyId: toUuid(t.aiProviderId) };
    const orm = db.withOrg(t.orgId, (tx) => tx.assignment.create({ data: row }));
    await expect(orm).rejects.toMatchObject({ code: 'not_found' });
  });

  it('a row that others still need', async () => {
    const key = { orgId_id: { orgId: toUuid(t.orgId), id: toUuid(t.aiProviderId) } };
    const orm = db.withOrg(t.orgId, (tx) => tx.providerKey.delete({ where: key }));
    await expect(orm).rejects.toMatchObject({ code: 'conflict' });
    const sql = withTenantPg(pool, t.orgId, (tx) => tx.query('DELETE FROM provider_keys'));
    await expect(sql).rejects.toMatchObject({ code: 'conflict' });
  });

  it('a reference that is checked at the end of the transaction', async () => {
    const deferred = db.withOrg(t.orgId, (tx) =>
      tx.secret.updateMany({ where: { id: toUuid(t.secretId) }, data: { ownerKeyId: newUuid() } }),
    );
    await expect(deferred).rejects.toMatchObject({ code: 'not_found' });
  });

  it('what row-level security refuses is our own fault, and says nothing', async () => {
    const orm = db.withOrg(t.orgId, (tx) =>
      tx.workspace.create({ data: { ...workspace('x'), orgId: newUuid() } }),
    );
    await expect(orm).rejects.toMatchObject({
      code: 'internal',
      message: 'The database refused the statement.',
    });
  });

  it('an unreachable database', async () => {
    const gone = new TenantDb({ databaseUrl: 'postgresql://claviger_api:x@127.0.0.1:1/x' });
    await expect(gone.withOrg(t.orgId, (tx) => tx.org.findMany())).rejects.toMatchObject({
      code: 'overloaded',
    });
    await gone.close();
  });

  it('errors that the work itself threw stay what they are', async () => {
    const mine = new ClavigerError('last_owner', 'Make somebody else an OWNER first.');
    await expect(db.withOrg(t.orgId, () => Promise.reject(mine))).rejects.toBe(mine);
    const bug = new TypeError('x is not a function');
    await expect(db.withOrg(t.orgId, () => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe('withOrg', () => {
  it('runs again when it loses a deadlock, and both changes are there', async () => {
    const [one, two] = [workspace('one'), workspace('two')];
    await db.withOrg(t.orgId, (tx) => tx.workspace.createMany({ data: [one, two] }));
    let runs = 0;
    const touch = (first: { id: string }, second: { id: string }) =>
      db.withOrg(t.orgId, async (tx) => {
        runs += 1;
        const bump = (id: string) =>
          tx.workspace.updateMany({ where: { id }, data: { revision: { increment: 1 } } });
        await bump(first.id);
        await new Promise((resolve) => setTimeout(resolve, 200));
        await bump(second.id);
      });
    await Promise.all([touch(one, two), touch(two, one)]);
    // Two, and one more for each time that one of them lost.
    expect(runs).toBeGreaterThan(2);
    const rows = await db.withOrg(t.orgId, (tx) =>
      tx.workspace.findMany({ where: { id: { in: [one.id, two.id] } }, select: { revision: true } }),
    );
    expect(rows).toEqual([{ revision: 3 }, { revision: 3 }]);
  });

  it.each([
    ['between two statements', `SELECT pg_sleep(0)`],
    ['during a statement', `SELECT pg_sleep(5)`],
  ])('survives that the server cuts the connection %s', async (_when, statement) => {
    const single = new PgPool({ databaseUrl: database.apiUrl, max: 1 });
    const root = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    const cut = withTenantPg(single, t.orgId, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const end = root.query('SELECT pg_terminate_backend($1, 2000)', [rows[0]!.pid]);
      await tx.query(statement);
      await end;
      await tx.query('SELECT 1');
    });
    await expect(cut).rejects.toMatchObject({ code: 'overloaded' });
    expect((await single.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await Promise.all([single.close(), root.close()]);
  });

  it('survives it through the ORM, too', async () => {
    const root = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    const cut = db.withOrg(t.orgId, async (tx) => {
      const rows = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
      await root.query('SELECT pg_terminate_backend($1, 2000)', [rows[0]!.pid]);
      await tx.org.findMany();
    });
    await expect(cut).rejects.toMatchObject({ code: 'overloaded' });
    expect(await db.withOrg(t.orgId, (tx) => tx.org.count())).toBe(1);
    await root.close();
  });

  it('leaves nothing of a tenant on the connection', async () => {
    const single = new PgPool({ databaseUrl: database.apiUrl, max: 1 });
    await withTenantPg(single, t.orgId, (tx) => tx.query('SELECT 1'));
    const { rows } = await single.query(
      `SELECT current_setting('app.org_id', true) AS org, (SELECT count(*)::int FROM orgs) AS n`,
    );
    expect(rows).toEqual([{ org: '', n: 0 }]);
    await single.close();
  });
});
