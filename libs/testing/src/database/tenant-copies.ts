import { newUuid } from '#lib/kernel';
import type { PgClient, PgPool } from '#lib/persistence';
import { tenantTables } from '../interleaving/tenant-rows.js';

interface Column {
  name: string;
  type: string;
  /** Of an index that is unique over all organizations: two may not have the same. */
  alone: boolean;
  /** Takes some values only. */
  checked: boolean;
  /** Of the primary key: what is there under the same ids is found by whoever does not ask whose it is. */
  key: boolean;
}

/** What of a copy is not as it was; the first row that is found is most telling when nothing is. */
const KINDS = [
  { text: true, uuid: true, rest: true },
  { text: true, uuid: false, rest: true },
  { text: false, uuid: true, rest: true },
  { text: false, uuid: false, rest: true },
  { text: false, uuid: false, rest: false },
] as const;

/**
 * Makes other organizations that have each row of `org` under the same ids, so that whatever forgets to ask whose a row is finds
 * theirs as well: `times` times one of each kind. Behind all walls; references are not checked.
 */
export async function copyTenant(superuser: PgPool, org: string, times: number): Promise<void> {
  const others = Array.from({ length: times * KINDS.length }, () => newUuid());
  for (const table of await tenantTables(superuser)) {
    const columns = await columnsOf(superuser, table);
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    for (const [at, other] of others.entries())
      await superuser.transaction(async (client) => {
        await client.query('SET LOCAL session_replication_role = replica');
        const values = columns.map((column) => valueOf(column, KINDS[at % KINDS.length]!)).join(', ');
        await client.query(
          `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${table} WHERE org_id = $2`,
          [other, org],
        );
      });
  }
}

/** Writes the rows of an organization once more: who reads a table from its beginning finds them after all others. */
export async function moveBehind(superuser: PgPool, org: string): Promise<void> {
  for (const table of await tenantTables(superuser))
    await superuser.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(`UPDATE ${table} SET org_id = org_id WHERE org_id = $1`, [org]);
    });
}

function valueOf(
  { name, type, alone, checked, key }: Column,
  differs: { text: boolean; uuid: boolean; rest: boolean },
): string {
  const column = `"${name}"`;
  if (name === 'org_id') return '$1::uuid';
  if (alone) return FRESH[type] ?? column;
  if (checked) return column;
  // What has ended here goes on there.
  if (name === 'expires_at' && differs.rest) return `${column} + interval '1 day'`;
  if (type === 'text') return differs.text ? `${column} || ' of others'` : column;
  if (key) return column;
  if (type === 'uuid')
    return differs.uuid ? `CASE WHEN ${column} IS NULL THEN NULL ELSE ${FRESH['uuid']} END` : column;
  return differs.rest ? (OTHER[type]?.(column) ?? column) : column;
}

const OTHER: Record<string, (column: string) => string> = {
  bytea: (column) => `${column} || 'of others'::bytea`,
  integer: (column) => `${column} + 1`,
  bigint: (column) => `${column} + 1`,
  boolean: (column) => `NOT ${column}`,
  'timestamp with time zone': (column) => `${column} - interval '1 day'`,
  jsonb: (column) =>
    `CASE jsonb_typeof(${column}) WHEN 'object' THEN ${column} || '{"of": "others"}' ELSE ${column} END`,
};

const FRESH: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: 'gen_random_uuid()::text',
  bytea: `decode(replace(gen_random_uuid()::text, '-', ''), 'hex')`,
};

async function columnsOf(client: PgClient, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey::int2[])
         AND NOT EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = a.attrelid AND o.attname = 'org_id'
                           AND o.attnum = ANY (i.indkey::int2[]))) AS alone,
       EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND a.attnum = ANY (c.conkey)) AS checked,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[])) AS key
     FROM pg_attribute a
     WHERE a.attrelid = ('public.' || quote_ident($1))::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY a.attnum`,
    [table],
  );
  return rows;
}
