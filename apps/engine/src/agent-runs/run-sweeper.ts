import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PgPool } from '#lib/persistence';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import { LostReservations } from '../quotas/lost-reservations.js';
import { ENGINE_ID } from '../tokens.js';

const HEARTBEAT_MS = 5_000;
/** A process that was not heard of for this long is dead: six heartbeats. */
const SILENT_SECONDS = 30;

/** Says that this process lives, and gives up the runs of processes that no longer do, what they had reserved included. */
@Injectable()
export class RunSweeper implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

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

  /** One heartbeat and one sweep. Never throws: the next one comes soon. */
  async beat(silentSeconds: number = SILENT_SECONDS): Promise<void> {
    try {
      await this.pool.query(
        'INSERT INTO engine_processes (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET heartbeat_at = clock_timestamp()',
        [this.engineId],
      );
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
    } catch (error) {
      this.log.warn({ err: error }, 'the heartbeat could not be written');
    }
  }
}
