import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { Dispatcher } from '../run-queue/dispatcher.js';
import { SHUTDOWN_GRACE, type ShutdownGrace } from '../tokens.js';
import { LiveRuns } from './live-runs.js';
import { RunLedger } from './run-ledger.js';

/** Stops the process without losing a run: no new ones, time for those under way, then a named end for the rest. */
@Injectable()
export class Draining implements OnModuleDestroy {
  #isGraceOver = false;

  constructor(
    private readonly live: LiveRuns,
    private readonly ledger: RunLedger,
    private readonly dispatcher: Dispatcher,
    @Inject(SHUTDOWN_GRACE) private readonly grace: ShutdownGrace,
  ) {}

  /** What is under way had its time before the process was asked to close: what is left ends at once. */
  graceIsOver(): void {
    this.#isGraceOver = true;
  }

  async onModuleDestroy(): Promise<void> {
    const graceMs = this.#isGraceOver ? 0 : this.grace.ms;
    await Promise.all([this.dispatcher.stop(), this.live.drain(graceMs, stopped)]);
    // Not before: a claimed run would be waited for as long as it likes to take.
    await this.dispatcher.idle();
    await this.ledger.settled();
  }
}

function stopped(): Error {
  return new ClavigerError(
    'outcome_unknown',
    'The engine was stopped before this run was done, and the provider may have acted on it. Start it again under another nodeExecutionId.',
  );
}
