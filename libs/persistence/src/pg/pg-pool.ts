import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

/** Something that runs plain SQL: the pool, or one connection inside a transaction. */
export interface PgClient {
  /** Runs one statement with bound values. Answers its rows and how many rows it touched. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>>;
}

export interface PgResult<Row> {
  rows: Row[];
  rowCount: number;
}

export interface PgPoolOptions {
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  name?: string;
  max?: number;
}

/** Plain-SQL connections of this process' own role. */
@Injectable()
export class PgPool implements PgClient, OnApplicationShutdown {
  readonly #pool: pg.Pool;

  constructor(options: PgPoolOptions) {
    this.#pool = new pg.Pool({
      connectionString: options.databaseUrl,
      application_name: options.name ?? 'claviger',
      max: options.max ?? 10,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      // A little later than the server's own: only for a server that no longer answers at all.
      query_timeout: 32_000,
      keepAlive: true,
    });
    // An idle connection that the server drops is replaced at the next use; without a listener it ends the process.
    this.#pool.on('error', () => undefined);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<PgResult<Row>> {
    return rowsOf<Row>(await this.#pool.query<Row>(text, [...values]));
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  /** Runs `fn` in one transaction; commits when it resolves and rolls back when it throws. */
  async transaction<T>(fn: (client: PgClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // The pool listens to idle connections only; one that is cut while lent out would end the process.
    const onLost = (lost: Error) => {
      broken = lost;
    };
    client.on('error', onLost);
    try {
      await client.query('BEGIN');
      const result = await fn(plainSql(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((lost: Error) => {
        broken = lost;
      });
      throw error;
    } finally {
      client.off('error', onLost);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    if (!this.#pool.ended) await this.#pool.end();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}

/** One connection of the driver as ours. */
export function plainSql(client: pg.ClientBase): PgClient {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      rowsOf<Row>(await client.query<Row>(text, [...values])),
  };
}

function rowsOf<Row extends object>(result: pg.QueryResult<Row>): PgResult<Row> {
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}
