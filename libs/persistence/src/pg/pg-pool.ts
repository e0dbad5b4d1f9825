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
  /** Runs on each new connection before anybody gets it; where it throws, the connection is given up. */
  onConnect?: (client: PgClient) => Promise<void>;
}

/** Plain-SQL connections of this process' own role. */
@Injectable()
export class PgPool implements PgClient, OnApplicationShutdown {
  readonly #pool: pg.Pool;

  constructor(options: PgPoolOptions) {
    const { onConnect } = options;
    this.#pool = new pg.Pool({
      connectionString: options.databaseUrl,
      application_name: options.name ?? 'claviger',
      max: options.max ?? 10,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      // A little later than the server's own: only for a server that no longer answers at all.
      query_timeout: 32_000,
      keepAlive: true,
      ...(onConnect && { verify: checking(onConnect) }),
    });
    // An idle connection that the server drops is replaced at the next use; without a listener it ends the process.
    this.#pool.on('error', () => undefined);
    // Nor does anybody listen between the pool and whoever is given a connection: the server may end it in just that moment.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
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

/** As the driver asks for it: `done` with an error gives the connection up, and whoever waits for one gets that error. */
function checking(check: (client: PgClient) => Promise<void>): pg.PoolConfig['verify'] {
  return (client, done) => {
    // The pool does not listen to it just now: one that is cut meanwhile would end the process.
    const onLost = () => undefined;
    client.on('error', onLost);
    const end = (error?: Error) => {
      client.off('error', onLost);
      done(error);
    };
    check(plainSql(client)).then(() => end(), end);
  };
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
