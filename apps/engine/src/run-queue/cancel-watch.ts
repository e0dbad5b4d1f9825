import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { EventListener } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { LiveRuns } from '../agent-runs/live-runs.js';
import { RunQueueStore } from './run-queue.store.js';

/** For signals that were lost: an upstream call must be closed within a second of its run's being cancelled, wherever that was asked. */
const LOOK_MS = 400;

/** Stops the runs of this process that were cancelled through another one. */
@Injectable()
export class CancelWatch implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #deaf: (() => void) | undefined;
  #looking = false;

  constructor(
    private readonly events: EventListener,
    private readonly live: LiveRuns,
    private readonly store: RunQueueStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#deaf = this.events.onRun(({ kind, runId }) => kind === 'cancel' && this.#stop(runId));
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** Not before the runs under way are over: until then they can be cancelled. */
  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#deaf?.();
  }

  async look(): Promise<void> {
    if (this.#looking || this.live.size === 0) return;
    this.#looking = true;
    try {
      for (const runId of await this.store.toCancel()) this.#stop(runId);
    } catch (error) {
      this.log.warn({ err: error }, 'cancelled runs could not be looked for');
    } finally {
      this.#looking = false;
    }
  }

  #stop(runId: string): void {
    this.live.get(runId)?.abort(cancelledOnRequest());
  }
}

export function cancelledOnRequest(): ClavigerError {
  return new ClavigerError('run_cancelled', 'The run was cancelled on request.');
}
