import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import type { PgClient, PgPool } from '#lib/persistence';

const PATIENCE_MS = 60_000;

/** Waits for what comes about by itself. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come about: ${what}`);
    await delay(5);
  }
}

/** A lock that is held: whoever comes to it stands still. */
export interface Brake {
  /** Waits until somebody stands here at a statement that looks like this (a regular expression of Postgres). */
  holds(statement: string): Promise<void>;
  letGo(): Promise<void>;
}

type Work<T> = (brake: Brake) => Promise<T>;

/** Makes processes stand still at a statement of theirs, by locks in the database: nothing of it is in the product. */
export class Brakes {
  constructor(private readonly db: PgPool) {}

  /** Nobody is given a turn of the workspace meanwhile. */
  withoutTurns<T>(workspaceId: string, work: Work<T>): Promise<T> {
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('claviger run turns ' || $1, 0))`;
    return this.#holding(lock, [toUuid(workspaceId)], work);
  }

  /** A claim reads what is kept of its run before it goes on: whoever claims stands there. */
  withoutReading<T>(work: Work<T>): Promise<T> {
    return this.#holding('LOCK TABLE run_events IN ACCESS EXCLUSIVE MODE', [], work);
  }

  /** Nothing that waits for its turn can be written down. */
  withoutAccepting<T>(work: Work<T>): Promise<T> {
    return this.#holding('LOCK TABLE run_requests IN EXCLUSIVE MODE', [], work);
  }

  /** Whoever has the run can do nothing to its row. */
  withRow<T>(runId: string, work: Work<T>): Promise<T> {
    return this.#holding('SELECT 1 FROM agent_runs WHERE id = $1 FOR NO KEY UPDATE', [toUuid(runId)], work);
  }

  /** Waits until one of us stands in line for the lock of a row. */
  async standsInLine(): Promise<void> {
    await this.#stands('WHERE id = \\$1 FOR NO KEY UPDATE', null);
  }

  #holding<T>(lock: string, values: unknown[], work: Work<T>): Promise<T> {
    return this.db.transaction(async (client: PgClient) => {
      await client.query(lock, values);
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      return work({
        holds: (statement) => this.#stands(statement, rows[0]!.pid),
        letGo: async () => void (await client.query('COMMIT')),
      });
    });
  }

  #stands(statement: string, pid: number | null): Promise<void> {
    return until(`a statement ${statement} waits`, async () => {
      const { rowCount } = await this.db.query(
        `SELECT 1 FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock' AND a.query ~ $1
           AND ($2::int IS NULL OR $2 = ANY (pg_blocking_pids(a.pid)))`,
        [statement, pid],
      );
      return rowCount > 0;
    });
  }
}
