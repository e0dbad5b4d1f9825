import pg, { type Client } from 'pg';
import { catalogueData } from '#lib/catalog';
import type { PlanLimits } from '#lib/contracts';
import { deriveRolePassword } from '#lib/kernel';
import { readInstallation, rememberOnce } from '../installation/settings.js';
import { plainSql, type PgClient } from '../pg/pg-pool.js';
import { MigrationError } from './errors.js';
import { applyMigrations } from './ledger.js';
import { readMigrations } from './migration-files.js';
import { migrateQueueSchema } from './queue-schema.js';
import { ensureRoles, OWNER_ROLE, type ProcessRole } from './roles.js';
import { seedCatalogue } from './seed-catalogue.js';
import { seedPlans } from './seed-plans.js';

export interface MigrateOptions {
  /** Changes to the built-in plans and further ones (CLAVIGER_PLANS). */
  plans?: Record<string, Partial<PlanLimits>>;
  /** Where the *.sql files are; the checkout's own unless told. */
  folder?: string;
  /** CLAVIGER_DEPLOYMENT: the database of another one is refused, a new one remembers it. Not compared unless told. */
  deployment?: string;
}

export interface MigrateResult {
  /** Names of the migrations applied by this run. */
  applied: string[];
}

/** Any number that no other user of this database's advisory locks has: the ASCII codes of "CLVG". */
const MIGRATION_LOCK = 0x434c_5647;

/**
 * Brings a database up to date: roles, tables, functions, grants, the queue's schema, plans and catalogue.
 * Running it again, or twice at once, changes nothing more. Throws a MigrationError that says what to do.
 *
 * @param ownerUrl login of the database's owner (a superuser, or CREATEROLE and owner of the database)
 */
export async function migrate(ownerUrl: string, options: MigrateOptions = {}): Promise<MigrateResult> {
  const files = await readMigrations(options.folder);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'claviger-migrate' });
  const ownerPassword = passwordOf(ownerUrl);
  try {
    await connect(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (options.deployment !== undefined) await refuseOther(plainSql(client), options.deployment);
    await ensureRoles(client, ownerPassword);
    await client.query(`SET ROLE ${OWNER_ROLE}`);
    const applied = await applyMigrations(client, files);
    await migrateQueueSchema(client);
    await seed(client, options);
    if (options.deployment !== undefined)
      await rememberOnce(plainSql(client), 'deployment', options.deployment);
    return { applied };
  } finally {
    await client.end(); // ends the lock, too
  }
}

/** Before anything is changed. */
async function refuseOther(pg: PgClient, deployment: string): Promise<void> {
  const { rows } = await pg.query<{ made: boolean }>(
    `SELECT to_regclass('public.platform_settings') IS NOT NULL AS made`,
  );
  const theirs = rows[0]?.made ? (await readInstallation(pg)).deployment : undefined;
  if (theirs === undefined || theirs === deployment) return;
  throw new MigrationError(
    `this database belongs to the deployment "${theirs}", and CLAVIGER_DEPLOYMENT is "${deployment}": no sealed secret would open, and its checkpoints would go unseen. Set it to "${theirs}".`,
  );
}

async function connect(client: Client): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new MigrationError(`cannot log in to the database of DATABASE_URL (${reason}).`, { cause });
  }
}

/** The login of a process role on the same server, derived from the owner's. */
export function roleUrl(ownerUrl: string, role: ProcessRole): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = deriveRolePassword(passwordOf(ownerUrl), role);
  return url.toString();
}

async function seed(client: Client, options: MigrateOptions): Promise<void> {
  await client.query('BEGIN');
  await seedPlans(client, options.plans ?? {});
  await seedCatalogue(client, catalogueData);
  await client.query('COMMIT');
}

function passwordOf(ownerUrl: string): string {
  const password = decodeURIComponent(new URL(ownerUrl).password);
  if (password) return password;
  throw new MigrationError('DATABASE_URL has no password: the process roles’ passwords are derived from it.');
}
