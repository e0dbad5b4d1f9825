import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { Dispatcher } from '../run-queue/dispatcher.js';
import { LiveRuns } from './live-runs.js';
import { RunLedger } from './run-ledger.js';

/** How long a stopping process lets its runs go on, in milliseconds. */
const GRACE_MS = 10_000;

/** Stops the process without losing a run: no new ones, time for those under way, then a named end for the rest. */
@Injectable()
export class Draining implements OnModuleDestroy {
  constructor(
    private readonly live: LiveRuns,
    private readonly ledger: RunLedger,
    private readonly dispatcher: Dispatcher,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.dispatcher.stop(), this.live.drain(GRACE_MS, stopped)]);
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
