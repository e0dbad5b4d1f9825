import type { PgClient } from '#lib/persistence';

interface TableFacts {
  table: string;
  org_nullable: boolean | null;
  enabled: boolean;
  forced: boolean;
  primary_key: string[];
}

/** Tables that belong to no tenant, each for its reason. Everything else must have the tenant wall. */
const PLATFORM = new Set([
  'plans',
  'platform_providers',
  'platform_models',
  'platform_settings',
  'catalogue_versions',
  'users', // a person may be a member of several organizations
  'sessions', // exists before its organization is chosen
  'auth_throttle', // counts before anybody is known
  'platform_provider_limits', // the operator's
  'rate_buckets', // counts of every tenant; which process sees whose, its own policies say
  'engine_processes', // the installation's processes
  'audit_epochs', // numbers of the installation's checkpoints
  'restore_notices', // of the database as a whole
  '_prisma_migrations',
]);

/** Receipts outlive what they name, so these columns refer to nothing. */
const RECEIPTS = new Set([
  'agent_runs',
  'usage_records',
  'usage_daily',
  'usage_days',
  'usage_minutes',
  'policy_versions',
  'policy_violations',
  'quota_reservations',
]);

const WALL = `(org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid)`;

/** Every way in which a table of the schema falls short of CUSTODY §6; empty when none does. */
export async function tenantWallFaults(client: PgClient): Promise<string[]> {
  const faults: string[] = [];
  for (const facts of await tables(client)) {
    if (PLATFORM.has(facts.table)) continue;
    const name = facts.table;
    if (facts.org_nullable === null) faults.push(`${name}: has no org_id`);
    if (facts.org_nullable === true) faults.push(`${name}: org_id may be null`);
    if (!facts.enabled) faults.push(`${name}: row-level security is not enabled`);
    if (!facts.forced) faults.push(`${name}: row-level security is not forced on its owner`);
    if (facts.primary_key[0] !== 'org_id') faults.push(`${name}: the primary key is not led by org_id`);
    faults.push(...(await policyFaults(client, name)), ...(await referenceFaults(client, name)));
  }
  return faults;
}

async function tables(client: PgClient): Promise<TableFacts[]> {
  const { rows } = await client.query<TableFacts>(`
    SELECT c.relname AS table, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
      (SELECT NOT a.attnotnull FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id') AS org_nullable,
      coalesce((SELECT array_agg(a.attname::text ORDER BY k.ord) FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, ord)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisprimary), '{}') AS primary_key
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`);
  return rows;
}

/** One policy for everybody, with both halves; besides it, only what the look-up role needs. */
async function policyFaults(client: PgClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{
    name: string;
    roles: string[];
    cmd: string;
    qual: string;
    check: string;
  }>(
    `SELECT policyname AS name, roles::text[], cmd, qual, with_check AS check FROM pg_policies
     WHERE schemaname = 'public' AND tablename = $1`,
    [table],
  );
  const everybody = rows.filter((row) => row.roles.join() !== 'claviger_lookup');
  if (everybody.length !== 1) return [`${table}: has ${everybody.length} policies for everybody, not one`];
  const [wall] = everybody;
  if (wall!.roles.join() !== 'public' || wall!.cmd !== 'ALL') return [`${table}: the wall is not for all`];
  return wall!.qual === WALL && wall!.check === WALL ? [] : [`${table}: the wall lets others through`];
}

/** A reference to a tenant table must carry org_id on both sides, and an …_id that names a tenant row must be one. */
async function referenceFaults(client: PgClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string; target: string; columns: string[] }>(
    `SELECT f.conname AS name, f.confrelid::regclass::text AS target,
       (SELECT array_agg(a.attname::text ORDER BY k.ord) FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, ord)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum) AS columns
     FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = ('public.' || quote_ident($1))::regclass`,
    [table],
  );
  const single = rows
    .filter((row) => !PLATFORM.has(row.target) && row.columns[0] !== 'org_id')
    .map((row) => `${table}: ${row.name} lets a row point at another tenant's ${row.target}`);
  // A month of a table is as the table.
  if (RECEIPTS.has(table.replace(/_\d{6}$/, ''))) return single;
  const referring = new Set(rows.flatMap((row) => row.columns));
  const unbound = (await idColumns(client, table)).filter((column) => !referring.has(column));
  return [...single, ...unbound.map((column) => `${table}: ${column} refers to nothing`)];
}

async function idColumns(client: PgClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND data_type = 'uuid' AND column_name LIKE '%\\_id'
       AND column_name <> 'org_id'`,
    [table],
  );
  return rows.map((row) => row.name);
}
