import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { RunConductor, type MayReturn } from '../agent-runs/run-conductor.js';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { LiveRuns } from '../agent-runs/live-runs.js';
import { EventRecorder } from '../run-events/event-recorder.js';
import type { Claim } from './claim.js';
import { ClaimedCalls, PassedOn, type ClaimedCall } from './claimed-calls.js';
import { cancelledOnRequest } from './cancel-watch.js';
import { keptRequestOf } from './kept-request.js';
import { RunQueueStore, type ClaimedRun } from './run-queue.store.js';

/** What passes by itself: a run that met it before anything left waits for another turn. */
const PASSING: ReadonlySet<string> = new Set([
  'rate_limited',
  'overloaded',
  'kms_unavailable',
  'outcome_unknown',
]);
/** How long a run may be put back again and again. */
const PATIENCE_MS = 3_600_000;
const PAUSE_MS = 1_000;
/** Between two attempts to put a run back while the database is away, in milliseconds: 25 s in all. */
const [FIRST_WAIT_MS, LAST_WAIT_MS] = [100, 12_800];

/** Runs what this process has claimed: again by the caller's rights of now, and never twice once anything has left. */
@Injectable()
export class QueuedRuns {
  constructor(
    private readonly store: RunQueueStore,
    private readonly calls: ClaimedCalls,
    private readonly live: LiveRuns,
    private readonly conductor: RunConductor,
    private readonly recorder: EventRecorder,
  ) {}

  /** Resolves when the run is over, or is not this process's any more. */
  async run(claim: Claim): Promise<void> {
    const kept = await this.store.load(claim);
    if (!kept) return;
    const handle = await this.#open(claim, kept);
    if (!handle) return;
    let call: ClaimedCall;
    try {
      call = await this.calls.prepare(claim, kept, handle.signal);
    } catch (refusal) {
      const why = asClavigerError(handle.signal.aborted ? handle.signal.reason : refusal);
      if (refusal instanceof PassedOn) this.#leave(handle);
      else if (!(await this.#putBack(claim, kept, handle, why)))
        await this.calls.refuse(claim, kept, handle, why);
      return;
    }
    const { plan, mark } = call;
    const mayReturn: MayReturn = async (error) => {
      if (mark.isMade) return false;
      if (mark.isRefused) return this.#leave(handle);
      return error !== null && this.#putBack(claim, kept, handle, error);
    };
    await this.conductor.conduct({ ...plan, mark }, handle, mayReturn);
  }

  async #open(claim: Claim, kept: ClaimedRun): Promise<RunHandle | null> {
    try {
      const { orgId, runId, fence } = claim;
      const last = Math.max(kept.last_event, keptRequestOf(kept).lastEvent);
      const now = { orgId, fence, retention: () => 'full' as const };
      const facts = { ...now, firstEvent: last + 1, before: kept.result };
      const handle = await this.live.reserve(null, (open) => Promise.resolve(open(runId, facts)));
      handle.keepAlive();
      this.recorder.record(handle);
      if (kept.is_cancelled) handle.abort(cancelledOnRequest());
      return handle;
    } catch {
      // This process is stopping.
      await this.store.putBack(claim, 0);
      return null;
    }
  }

  /** True: the run waits for another turn. Where its mark may be set after all, it does not. */
  async #putBack(claim: Claim, kept: ClaimedRun, handle: RunHandle, why: ClavigerError): Promise<boolean> {
    const { code, extras } = why;
    if (!PASSING.has(code) || kept.waited_ms > PATIENCE_MS) return false;
    const seconds = Number(extras?.['retryAfterSeconds'] ?? 0);
    // What is stopped here may begin elsewhere at once.
    const pause = code === 'outcome_unknown' ? 0 : Math.max(PAUSE_MS, seconds * 1_000);
    if (await this.#isPutBack(claim, pause)) return this.#leave(handle);
    return false;
  }

  /**
   * Asks as long as the database is away: a handle that nobody ends would hold up a stop and every listener. Past that the row is left to
   * whoever looks for lost claims.
   */
  async #isPutBack(claim: Claim, pause: number): Promise<boolean> {
    for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
      try {
        return await this.store.putBack(claim, pause);
      } catch {
        if (wait > LAST_WAIT_MS) return true;
        await sleep(wait);
      }
    }
  }

  /** Whoever listens here goes on listening to the row. */
  #leave(handle: RunHandle): true {
    handle.pass();
    return true;
  }
}
