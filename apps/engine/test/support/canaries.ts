import type { Stage } from './stage.js';

/** Text as it may lie in a column: as it is, and in the forms that bytes are shown or packed in. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  // Base64 of what has other bytes before it: three alignments, the middle of each.
  const packed = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [text, bytes.toString('hex'), ...packed];
}

interface Found {
  table: string;
  column: string;
}

/** Every column of every table, of every schema, that holds one of these texts in any form; and how many columns were looked at. */
export async function search(
  { db }: Stage,
  texts: readonly string[],
): Promise<{ found: string[]; schemas: string[]; columns: number }> {
  const { rows: columns } = await db.query<Found & { schema: string }>(
    `SELECT n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 't') AND a.attnum > 0 AND NOT a.attisdropped
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  const forms = texts.flatMap(formsOf);
  const found: string[] = [];
  for (const { table, column } of columns) {
    const { rowCount } = await db.query(
      `SELECT 1 FROM ${table} WHERE EXISTS (SELECT FROM unnest($1::text[]) AS f (form) WHERE position(f.form IN ${column}::text) > 0) LIMIT 1`,
      [forms],
    );
    if (rowCount > 0) found.push(`${table}.${column}`);
  }
  return { found, schemas: [...new Set(columns.map(({ schema }) => schema))], columns: columns.length };
}
