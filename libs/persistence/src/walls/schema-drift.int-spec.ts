import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';

const SCHEMA = join(import.meta.dirname, '../../../../prisma/schema.prisma');

/** PostgreSQL's name of each type that the schema uses: `Int @db.SmallInt` before `Int`. */
const TYPES: Record<string, string> = {
  'String @db.Uuid': 'uuid',
  'DateTime @db.Timestamptz(6)': 'timestamp with time zone(6)',
  'DateTime @db.Date': 'date',
  'Int @db.SmallInt': 'smallint',
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Bytes: 'bytea',
  'Json @db.Json': 'json',
  Json: 'jsonb',
};

/** `table.column type null|not null` of every column that schema.prisma declares. */
function declared(schema: string): string[] {
  return [...schema.matchAll(/^model \w+ \{([^]*?)^\}/gm)].flatMap(([, body]) => {
    const table = /@@map\("(\w+)"\)/.exec(body!)![1]!;
    const lines = body!.split('\n').map((line) => line.replace(/\/\/.*/, '').trim());
    return lines.flatMap((line) => columnOf(table, line));
  });
}

function columnOf(table: string, line: string): string[] {
  const match = /^(\w+)\s+(\w+)(\[\]|\?)?\s*(.*)$/.exec(line);
  if (!match || line.startsWith('@@')) return [];
  const [, field, scalar, modifier, attributes = ''] = match;
  const name = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field;
  const native = /@db\.[\w()]+/.exec(attributes)?.[0];
  const type = TYPES[native ? `${scalar} ${native}` : scalar!];
  if (!type) throw new Error(`${table}.${name}: no PostgreSQL type is known for ${scalar} ${native ?? ''}`);
  const array = modifier === '[]' ? '[]' : '';
  return [`${table}.${name} ${type}${array} ${modifier === '?' ? 'null' : 'not null'}`];
}

describe('schema.prisma and the migrations', () => {
  let database: TestDatabase;
  let pool: PgPool;

  beforeAll(async () => {
    database = await startTestDatabase();
    pool = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
  });
  afterAll(async () => {
    await pool.close();
    await database.stop();
  });

  /** The same of every column that the migrated database has. */
  async function migrated(): Promise<string[]> {
    const { rows } = await pool.query<{ column: string }>(`
      SELECT c.relname || '.' || a.attname || ' ' ||
        CASE format_type(a.atttypid, a.atttypmod)
          WHEN 'timestamp(6) with time zone' THEN 'timestamp with time zone(6)'
          ELSE format_type(a.atttypid, a.atttypmod) END ||
        CASE WHEN a.attnotnull THEN ' not null' ELSE ' null' END AS column
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname <> '_prisma_migrations'`);
    return rows.map((row) => row.column);
  }

  it('declare the same columns, types and nullability, in both directions', async () => {
    const fromSchema = declared(await readFile(SCHEMA, 'utf8')).sort();
    expect(fromSchema.length).toBeGreaterThan(100);
    expect((await migrated()).sort()).toEqual(fromSchema);
  });

  it('a column that only one of them has is found', async () => {
    const schema = await readFile(SCHEMA, 'utf8');
    expect(declared(schema.replace('  mask           String\n', '')).sort()).not.toEqual(
      (await migrated()).sort(),
    );
    await pool.query('ALTER TABLE plans ADD extra integer');
    expect((await migrated()).sort()).not.toEqual(declared(schema).sort());
  });
});
