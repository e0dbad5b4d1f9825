import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
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
  ) {}

  async onModuleDestroy(): Promise<void> {
    await this.live.drain(GRACE_MS, stopped);
    await this.ledger.settled();
  }
}

function stopped(): Error {
  return new ClavigerError(
    'outcome_unknown',
    'The engine was stopped before this run was done, and the provider may have acted on it. Start it again under another nodeExecutionId.',
  );
}
