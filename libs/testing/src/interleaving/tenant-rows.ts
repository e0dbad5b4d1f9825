import type { PgClient, PgPool } from '#lib/persistence';

/** The tables of the schema that hold tenants' rows, by the catalogue. */
export async function tenantTables(client: PgClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Of `tables` those that `role` may read at all. */
export async function readableBy(client: PgClient, role: string, tables: string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($2::text[]) AS name
     WHERE has_column_privilege($1::name, 'public.' || quote_ident(name), 'org_id', 'SELECT') ORDER BY 1`,
    [role, tables],
  );
  return rows.map(({ name }) => name);
}

/** What a column of this type is filled with, where the table asks for something. */
const VALUES: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: `'seeded'`,
  smallint: '1',
  integer: '1',
  bigint: '1',
  boolean: 'false',
  date: 'current_date',
  bytea: `'seeded'`,
  jsonb: `'{}'`,
  'timestamp with time zone': 'now()',
  'text[]': `'{}'`,
  'integer[]': `'{}'`,
};

/** A row in it says that the organization is no more: its transactions would see nothing, which proves nothing. */
const ENDED = 'org_deletions';

/** Columns that take some values only. */
const CHECKED: Record<string, string> = {
  'notices.kind': `'aiProvider.failing'`,
  'notices.level': `'info'`,
  'org_kms_keys.kms_ref': `'own-aws:seeded|seeded'`,
  'org_kms_keys.state': `'retired'`,
  'policies.severity': `'LOW'`,
  'policy_violations.action': `'logged'`,
  'quotas.metric': `'runs'`,
  'quotas.period': `'day'`,
  'quotas.mode': `'monitor'`,
  'run_requests.principal_kind': `'token'`,
  'provider_key_health.source': `'run'`,
  'provider_key_health.outcome': `'refused'`,
};

/**
 * Gives each organization a row in every tenant table that has none of it yet, so that there is something to see wherever
 * the wall had a hole. References are not checked: nobody follows these rows. Throws when a table wants more than that.
 */
export async function fillTenantTables(superuser: PgPool, orgs: readonly string[]): Promise<string[]> {
  // A partitioned table holds nothing before it has a part for it.
  await superuser.query('SELECT usage_minutes_month(current_date)');
  const tables = await tenantTables(superuser);
  for (const table of tables.filter((name) => name !== ENDED)) {
    const columns = await requiredColumns(superuser, table);
    const names = ['org_id', ...columns.map(({ name }) => `"${name}"`)].join(', ');
    const values = columns
      .map(({ name, type }) => CHECKED[`${table}.${name}`] ?? valueOf(table, type))
      .join(', ');
    await superuser.transaction(async (client) => {
      await client.query(`SET LOCAL session_replication_role = replica`);
      await client.query(
        `INSERT INTO ${table} (${names}) SELECT org${values && `, ${values}`} FROM unnest($1::uuid[]) AS org
         WHERE NOT EXISTS (SELECT FROM ${table} t WHERE t.org_id = org)`,
        [orgs],
      );
    });
  }
  return tables;
}

function valueOf(table: string, type: string): string {
  const value = VALUES[type];
  if (value === undefined) throw new Error(`${table} wants a ${type}: say here how one is made`);
  return value;
}

async function requiredColumns(client: PgClient, table: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type FROM pg_attribute a
     WHERE a.attrelid = ('public.' || quote_ident($1))::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attname <> 'org_id' ORDER BY a.attnum`,
    [table],
  );
  return rows;
}
