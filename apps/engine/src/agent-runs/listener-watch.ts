import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { assertCaller } from '../access/caller.js';
import { currentRight, currentStateKey } from '../access/call-context.js';
import { FENCE_MS } from '../keys/state-cache.js';
import { OpenRuns } from '../keys/open-runs.js';
import { CLOCK } from '../tokens.js';

/**
 * Whoever listens to a run that somebody else began is watched like the run itself (CUSTODY §4): a listener whose token, membership or
 * grant is taken away hears no more of it, though the run goes on.
 */
@Injectable()
export class ListenerWatch {
  constructor(
    private readonly openRuns: OpenRuns,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Aborts `leaving`, with what refuses the caller of this request, once it may not listen any more. Returns what ends the watch. */
  begin(leaving: AbortController): () => void {
    const stateKey = currentStateKey();
    const { caller, permission } = currentRight();
    const { orgId } = caller;
    return this.openRuns.add(
      {
        ...{ orgId, stateKey },
        check: (now) => void assertCaller(now, permission, this.clock.now()),
        end: (error) => leaving.abort(error),
      },
      // It was let in by a state of at most this age.
      this.clock.monotonicMs() - FENCE_MS,
    );
  }
}

/** Why a listener may not listen any more; null where it left by itself, or is still there. */
export function refusalOf({ reason }: AbortSignal): ClavigerError | null {
  return reason instanceof ClavigerError ? reason : null;
}

/** Rejects when the listener may not listen any more. */
export function untilRefused(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => {
      const refusal = refusalOf(signal);
      if (refusal) reject(refusal);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
