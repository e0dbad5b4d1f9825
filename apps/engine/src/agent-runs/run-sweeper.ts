import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PgPool } from '#lib/persistence';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import { LostReservations } from '../quotas/lost-reservations.js';
import { ENGINE_ID } from '../tokens.js';

const HEARTBEAT_MS = 5_000;
/** A process that was not heard of for this long is dead: six heartbeats. */
const SILENT_SECONDS = 30;
/** Between two heartbeats of its own: a process that was silent for longer itself cannot tell who else was. */
const GAP_MS = 3 * HEARTBEAT_MS;
/** How long a new process listens before it calls others dead: where the database was away, they are heard of by then. */
const NEW_MS = 2 * HEARTBEAT_MS;

/** Says that this process lives, and gives up the runs of processes that no longer do, what they had reserved included. */
@Injectable()
export class RunSweeper implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  /** By the database's clock, in milliseconds: from then on it can tell who is silent. */
  #judgesFrom: number | undefined;

  constructor(
    private readonly pool: PgPool,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly metrics: Metrics,
    private readonly reservations: LostReservations,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.beat();
    this.#timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /**
   * One heartbeat, and a sweep. A process that was silent itself, as it or its machine slept or the database was away, leaves everybody
   * else the time of a whole lease to be heard of. Never throws: the next one comes soon.
   */
  async beat(): Promise<void> {
    try {
      if (await this.#mayJudge()) await this.sweep();
    } catch (error) {
      this.log.warn({ err: error }, 'the heartbeat could not be written');
    }
  }

  /** Gives up the runs of those who were not heard of for so long. */
  async sweep(silentSeconds: number = SILENT_SECONDS): Promise<void> {
    const { rows } = await this.pool.query<{ lost: number }>('SELECT lookup.sweep_lost_runs($1) AS lost', [
      silentSeconds,
    ]);
    await this.pool.query(
      `DELETE FROM engine_processes WHERE heartbeat_at < clock_timestamp() - interval '1 day'`,
    );
    const lost = rows[0]?.lost ?? 0;
    this.metrics.agentRun('outcome_unknown', lost);
    if (lost > 0) this.log.warn({ count: lost }, 'runs of a dead engine process were given up');
    const charged = await this.reservations.charge(silentSeconds);
    if (charged > 0)
      this.log.warn(
        { count: charged },
        'reservations that nobody settled were charged, or given back where nothing was sent',
      );
  }

  async #mayJudge(): Promise<boolean> {
    const { rows } = await this.pool.query<{ now_ms: number; gap_ms: number | null }>(
      `WITH before AS (SELECT heartbeat_at FROM engine_processes WHERE id = $1)
       INSERT INTO engine_processes (id, heartbeat_at) VALUES ($1, clock_timestamp())
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
       RETURNING (extract(epoch FROM heartbeat_at) * 1000)::float8 AS now_ms,
         (SELECT extract(epoch FROM engine_processes.heartbeat_at - b.heartbeat_at) * 1000 FROM before b)::float8 AS gap_ms`,
      [this.engineId],
    );
    const { now_ms: now = 0, gap_ms: gap = null } = rows[0] ?? {};
    if (this.#judgesFrom === undefined) this.#judgesFrom = now + NEW_MS;
    else if (gap === null || gap > GAP_MS) this.#judgesFrom = now + SILENT_SECONDS * 1_000;
    return now >= this.#judgesFrom;
  }
}
