import { PgPool } from '#lib/persistence';

/** Every table with the number of its rows and a hash over them. */
export type RowSnapshot = Map<string, string>;

/** What a call that is refused may leave behind: when its token or session was last seen, and that somebody tried. */
const LAST_SEEN = ['last_used_at', 'last_seen_at'];
const MAY_CHANGE = new Set(['auth_throttle', 'engine_processes', 'rate_buckets', '_prisma_migrations']);

/** Counts and hashes the rows of every table, behind all walls. */
export async function snapshotRows(superuserUrl: string): Promise<RowSnapshot> {
  const pool = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  try {
    const { rows: tables } = await pool.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    const snapshot: RowSnapshot = new Map();
    for (const { name } of tables.filter((table) => !MAY_CHANGE.has(table.name))) {
      const { rows } = await pool.query<{ state: string }>(
        `SELECT count(*) || ' rows ' || md5(coalesce(string_agg(h.row, '' ORDER BY h.row), '')) AS state
         FROM (SELECT md5((to_jsonb(t) - $1::text[])::text) AS row FROM public.${name} t) h`,
        [LAST_SEEN],
      );
      snapshot.set(name, rows[0]?.state ?? '');
    }
    return snapshot;
  } finally {
    await pool.close();
  }
}

/** The tables whose rows are not the same; empty when nothing was written. */
export function writesBetween(before: RowSnapshot, after: RowSnapshot): string[] {
  return [...after].filter(([table, state]) => before.get(table) !== state).map(([table]) => table);
}
