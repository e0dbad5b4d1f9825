import type { RateReading, RateStore } from '#lib/limits';

/** As much of a `pg` pool (or of a transaction) as this needs. */
export interface Queryable {
  query<Row extends object>(
    text: string,
    values: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

export interface PgRateStoreOptions {
  /** In place of the database's clock, for tests that move it. */
  clock?: () => number;
  /** Closes `db`, where it is this store's alone. */
  onClose?: () => Promise<void>;
}

interface BucketRow {
  now_ms: number;
  state: string | null;
  version: number | null;
}

/** Buckets as rows of `rate_buckets`, by the database's own clock. */
export class PgRateStore implements RateStore {
  readonly #db: Queryable;
  readonly #options: PgRateStoreOptions;

  constructor(db: Queryable, options: PgRateStoreOptions = {}) {
    this.#db = db;
    this.#options = options;
  }

  async read(names: readonly string[]): Promise<RateReading> {
    const { rows } = await this.#db.query<BucketRow>(
      `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms, b.state, b.version::int AS version
       FROM unnest($1::text[]) WITH ORDINALITY AS n (name, at) LEFT JOIN rate_buckets b ON b.name = n.name ORDER BY n.at`,
      [names],
    );
    return {
      nowMs: this.#options.clock?.() ?? rows[0]?.now_ms ?? 0,
      buckets: rows.map(({ state, version }) => ({ text: state, version: version ?? 0 })),
    };
  }

  async write(name: string, text: string, version: number): Promise<boolean> {
    const { rowCount } =
      version === 0
        ? await this.#db.query(
            'INSERT INTO rate_buckets (name, state) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
            [name, text],
          )
        : await this.#db.query(
            `UPDATE rate_buckets SET state = $2, version = version + 1, written_at = clock_timestamp()
             WHERE name = $1 AND version = $3`,
            [name, text, version],
          );
    return rowCount === 1;
  }

  /** Two days: longer than the longest window. */
  async sweep(): Promise<void> {
    await this.#db.query(
      `DELETE FROM rate_buckets WHERE written_at < clock_timestamp() - interval '2 days'`,
      [],
    );
  }

  async close(): Promise<void> {
    await this.#options.onClose?.();
  }
}
