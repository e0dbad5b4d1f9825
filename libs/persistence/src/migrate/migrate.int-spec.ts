import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_LIMITS } from '#lib/contracts';
import {
  assertServes,
  Lookups,
  migrate,
  MigrationError,
  MIGRATIONS,
  PgPool,
  readInstallationFacts,
  rememberOnce,
  roleUrl,
  sealedRefs,
} from '#lib/persistence';
import { startBareServer, startEmptyDatabase, tenantWallFaults } from '#lib/testing';

const SOURCE = join(import.meta.dirname, '../../../../prisma/migrations');
const SOME_MIGRATION = '0006_grants';

let database: Awaited<ReturnType<typeof startEmptyDatabase>>;
let root: PgPool;
let folder: string;

beforeEach(async () => {
  database = await startEmptyDatabase();
  root = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  folder = await mkdtemp(join(tmpdir(), 'claviger-migrations-'));
  await cp(SOURCE, folder, { recursive: true });
});
afterEach(async () => {
  await root.close();
  await database.stop();
  await rm(folder, { recursive: true });
});

async function ledger() {
  const { rows } = await root.query<{ name: string; steps: number; done: boolean }>(
    `SELECT migration_name AS name, applied_steps_count AS steps, finished_at IS NOT NULL AS done
     FROM _prisma_migrations ORDER BY 1`,
  );
  return rows;
}

describe('the migrator', () => {
  it('makes everything once, and nothing the second time', async () => {
    const first = await migrate(database.superuserUrl);
    expect(first.applied).toContain(SOME_MIGRATION);
    expect(await migrate(database.superuserUrl)).toEqual({ applied: [] });
    expect((await ledger()).map((row) => row.name)).toEqual(first.applied);
    expect((await ledger()).every((row) => row.done && row.steps === 1)).toBe(true);
  });

  it('applies each migration once when several processes start at the same moment', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate(database.superuserUrl)));
    expect(results.map((result) => result.applied.length).sort()).toEqual([0, 0, 0, (await ledger()).length]);
  });

  it('refuses a migration that was edited after it was applied, and names it', async () => {
    await migrate(database.superuserUrl, { folder });
    await writeFile(join(folder, `${SOME_MIGRATION}.sql`), '-- nothing any more');
    await expect(migrate(database.superuserUrl, { folder })).rejects.toThrow(
      new MigrationError(
        `${SOME_MIGRATION}.sql was edited after it was applied: put it back and write a new migration.`,
      ),
    );
  });

  it('refuses a database that a newer version migrated', async () => {
    await writeFile(join(folder, '9999_later.sql'), 'CREATE TABLE later (org_id uuid)');
    await migrate(database.superuserUrl, { folder });
    await expect(migrate(database.superuserUrl)).rejects.toThrow('newer Claviger (9999_later)');
  });

  it('refuses the database of another deployment before it changes anything, and remembers the name of the first', async () => {
    await migrate(database.superuserUrl, { deployment: 'first' });
    await writeFile(join(folder, '9999_later.sql'), 'CREATE TABLE later (org_id uuid)');
    await expect(migrate(database.superuserUrl, { folder, deployment: 'second' })).rejects.toThrow(
      'this database belongs to the deployment "first", and CLAVIGER_DEPLOYMENT is "second"',
    );
    expect((await ledger()).map((row) => row.name)).not.toContain('9999_later');
    const api = new PgPool({ databaseUrl: roleUrl(database.superuserUrl, 'claviger_api'), max: 1 });
    await assertServes(api, { deployment: 'first' });
    await expect(assertServes(api, { deployment: 'second' })).rejects.toMatchObject({
      code: 'other_deployment',
    });
    await expect(assertServes(api, { migrations: [...MIGRATIONS, '9999_later'] })).rejects.toMatchObject({
      code: 'schema_behind',
      message: expect.stringContaining('lacks 9999_later'),
    });
    await api.close();
  });

  it('gives way to a transaction that it would deadlock with, which goes on, and is applied afterwards', async () => {
    await migrate(database.superuserUrl, { folder });
    await writeFile(
      join(folder, '9999_later.sql'),
      'ALTER TABLE plans ADD COLUMN a int; ALTER TABLE orgs ADD COLUMN a int;',
    );
    let applying: Promise<{ applied: string[] }> | undefined;
    await root.transaction(async (client) => {
      await client.query('SELECT 1 FROM orgs');
      applying = migrate(database.superuserUrl, { folder });
      // Until the step holds the one table and waits for the other.
      for (let held = 0; held === 0;) {
        const { rows } = await client.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'orgs'::regclass AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        held = rows[0]?.n ?? 0;
      }
      expect((await client.query('SELECT 1 FROM plans')).rowCount).toBeGreaterThan(0);
    });
    expect(await applying).toEqual({ applied: ['9999_later'] });
  });

  it('takes a failing migration back as a whole and goes on from there once it is mended', async () => {
    await writeFile(join(folder, '9999_later.sql'), 'CREATE TABLE later (a int); SELECT 1 / 0');
    await expect(migrate(database.superuserUrl, { folder })).rejects.toThrow(
      '9999_later.sql failed and was rolled back',
    );
    expect((await ledger()).map((row) => row.name)).not.toContain('9999_later');
    await writeFile(join(folder, '9999_later.sql'), 'CREATE TABLE later (a int)');
    expect(await migrate(database.superuserUrl, { folder })).toEqual({ applied: ['9999_later'] });
  });

  it('refuses process roles that may bypass the tenant wall', async () => {
    await migrate(database.superuserUrl);
    await root.query('ALTER ROLE claviger_worker BYPASSRLS');
    try {
      await expect(migrate(database.superuserUrl)).rejects.toThrow('claviger_worker may do too much');
    } finally {
      await root.query('ALTER ROLE claviger_worker NOBYPASSRLS');
    }
  });

  it('lets each process role log in with its derived password, and nobody with another', async () => {
    await migrate(database.superuserUrl);
    for (const role of ['claviger_api', 'claviger_engine', 'claviger_worker'] as const) {
      const pool = new PgPool({ databaseUrl: roleUrl(database.superuserUrl, role), max: 1 });
      expect((await pool.query('SELECT current_user AS who')).rows).toEqual([{ who: role }]);
      await pool.close();
    }
    const wrong = new URL(roleUrl(database.superuserUrl, 'claviger_api'));
    wrong.password = new URL(roleUrl(database.superuserUrl, 'claviger_engine')).password;
    const pool = new PgPool({ databaseUrl: wrong.toString(), max: 1 });
    await expect(pool.ping()).rejects.toMatchObject({ code: '28P01' });
    await pool.close();
  });

  it('refuses an owner without a password, from which the others could not be derived', async () => {
    const url = new URL(database.superuserUrl);
    url.password = '';
    await expect(migrate(url.toString())).rejects.toThrow(/password/);
  });

  it('says so when the database cannot be reached, or takes another password', async () => {
    const nowhere = new URL(database.superuserUrl);
    nowhere.port = '1';
    await expect(migrate(nowhere.toString())).rejects.toThrow(/cannot log in to the database/);
    const wrong = new URL(database.superuserUrl);
    wrong.password = 'wrong';
    await expect(migrate(wrong.toString())).rejects.toThrow(/cannot log in .*password authentication failed/);
  });
});

describe('seeding', () => {
  it('writes the plans, CLAVIGER_PLANS merged over the built-in ones', async () => {
    const plans = {
      team: { keys: 7 },
      pilot: {
        keys: 1,
        workspaces: 1,
        members: 1,
        executionsPerMonth: null,
        models: ['openai/*'],
        historyDays: 7,
      },
    };
    await migrate(database.superuserUrl, { plans });
    const { rows } = await root.query<{ slug: string; limits: object }>(
      'SELECT slug, limits FROM plans ORDER BY slug',
    );
    expect(rows).toEqual([
      {
        slug: 'free',
        limits: { ...NO_LIMITS, keys: 3, workspaces: 2, members: 5, executionsPerMonth: 1_000 },
      },
      { slug: 'pilot', limits: { ...NO_LIMITS, ...plans.pilot } },
      {
        slug: 'team',
        limits: { ...NO_LIMITS, keys: 7, workspaces: 10, members: 50, executionsPerMonth: 100_000 },
      },
      { slug: 'unlimited', limits: NO_LIMITS },
    ]);
  });

  it('#11 keeps what an operator edited in the catalogue and brings the rest up to the code', async () => {
    await migrate(database.superuserUrl);
    const models = async () => (await root.query('SELECT 1 FROM platform_models')).rowCount;
    const full = await models();
    expect(full).toBeGreaterThan(5);
    await root.query(
      `UPDATE platform_providers SET record = '{"name": "Mine"}', edited = true WHERE slug = 'openai'`,
    );
    await root.query(`UPDATE platform_providers SET record = '{}' WHERE slug = 'anthropic'`);
    await root.query('DELETE FROM platform_models');
    await root.query(
      `INSERT INTO platform_models VALUES ('openai', 'gone', '{}', false), ('openai', 'kept', '{}', true)`,
    );
    await migrate(database.superuserUrl);
    const { rows } = await root.query<{ name: string }>(
      `SELECT record ->> 'name' AS name FROM platform_providers WHERE slug IN ('openai', 'anthropic') ORDER BY slug`,
    );
    expect(rows).toEqual([{ name: expect.stringMatching(/^Anthropic/) }, { name: 'Mine' }]);
    expect(await models()).toBe(full + 1);
  });
});

describe('on a managed server, where the owner is no superuser', () => {
  it('a CREATEROLE login that owns the database can migrate it, and the wall stands', async () => {
    const server = await startBareServer();
    const superuser = new PgPool({ databaseUrl: server.superuserUrl, max: 1 });
    const url = new URL(server.superuserUrl);
    Object.assign(url, { username: 'acme', password: 'managed', pathname: '/keys' });
    try {
      await superuser.query(`CREATE ROLE acme LOGIN CREATEROLE PASSWORD 'managed'`);
      await superuser.query('CREATE DATABASE keys OWNER acme');
      expect((await migrate(url.toString())).applied).toContain(SOME_MIGRATION);
      expect((await migrate(url.toString())).applied).toEqual([]);
      const managed = new PgPool({ databaseUrl: url.toString(), max: 1 });
      expect(await tenantWallFaults(managed)).toEqual([]);
      expect(await sealedRefs(managed)).toEqual([]);
      await migrate(url.toString(), { deployment: 'acme' });
      await rememberOnce(managed, 'pepperCheck', 'first');
      await rememberOnce(managed, 'pepperCheck', 'second');
      expect(await readInstallationFacts(managed)).toMatchObject({
        ...{ deployment: 'acme', pepperCheck: 'first', epoch: 0, auditSigner: null, orgs: 0 },
        migrations: [...MIGRATIONS],
      });
      // The login may act as the owner, but row-level security is forced on that one, too.
      await managed.transaction(async (client) => {
        await client.query('SET LOCAL ROLE claviger_owner');
        expect((await client.query('SELECT 1 FROM orgs')).rowCount).toBe(0);
      });
      await managed.close();
      const api = new PgPool({ databaseUrl: roleUrl(url.toString(), 'claviger_api'), max: 1 });
      expect(await new Lookups(api).login('nobody@test.test')).toBeNull();
      await api.close();
    } finally {
      await superuser.close();
      await server.stop();
    }
  });

  it('says what is missing when the login may not make roles', async () => {
    await root.query(`CREATE ROLE nobody_special LOGIN PASSWORD 'x'`);
    const url = new URL(database.superuserUrl);
    Object.assign(url, { username: 'nobody_special', password: 'x' });
    await expect(migrate(url.toString())).rejects.toThrow(/CREATEROLE/);
    await root.query('DROP ROLE nobody_special');
  });
});
