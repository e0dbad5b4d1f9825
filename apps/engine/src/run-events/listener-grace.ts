import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { LOGGER, type Logger } from '#lib/telemetry';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { RunEventsStore } from './run-events.store.js';

/** How long a streamed run waits for its listener to come back with `Last-Event-ID`, in milliseconds. */
const GRACE_MS = 5_000;

/** Ends streamed runs that nobody listens to any more, through whichever process. */
@Injectable()
export class ListenerGrace {
  readonly #waiting = new Set<RunHandle>();

  constructor(
    private readonly store: RunEventsStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Called when the last listener of this process has left. */
  begin(handle: RunHandle): void {
    if (this.#waiting.has(handle)) return;
    this.#waiting.add(handle);
    setTimeout(() => void this.#judge(handle), GRACE_MS).unref();
  }

  async #judge(handle: RunHandle): Promise<void> {
    this.#waiting.delete(handle);
    if (!handle.isAlone) return;
    const { id, facts } = handle;
    try {
      if (await this.store.heardWithin(facts.orgId, id, GRACE_MS)) return this.begin(handle);
    } catch (error) {
      // Who can't be asked is not there: the caller pays for what nobody hears.
      this.log.warn({ runId: id, err: error }, 'whether somebody listens to a run could not be read');
    }
    if (handle.isAlone) handle.abort(left());
  }
}

export function left(): ClavigerError {
  return new ClavigerError(
    'run_cancelled',
    'The caller closed the connection before the run was done, so it was stopped.',
  );
}
