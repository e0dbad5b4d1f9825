import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { LOGGER, type Logger } from '#lib/telemetry';
import { runProblem } from '../agent-runs/run-problem.js';
import { RunPausesStore } from './run-pauses.store.js';

const LOOK_MS = 5_000;
const BATCH = 100;

/** Ends runs that have waited for their caller longer than they may. Several processes may look at once. */
@Injectable()
export class PauseExpiry implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: RunPausesStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    try {
      for (const { orgId, runId } of await this.store.expired(BATCH))
        await this.store.expire(orgId, runId, runProblem(expired(), runId, '', ''));
    } catch (error) {
      this.log.warn({ err: error }, 'runs that have waited for too long could not be ended');
    }
  }
}

function expired(): ClavigerError {
  return new ClavigerError(
    'pause_expired',
    'Nobody brought the outputs of the tools, or approved their calls, in time, so the run was ended and nothing more was called. Start it again under another nodeExecutionId.',
  );
}
