import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { assertCaller } from '../access/caller.js';
import { currentRight, currentStateKey } from '../access/call-context.js';
import { FENCE_MS } from '../keys/state-cache.js';
import { OpenRuns } from '../keys/open-runs.js';
import { CLOCK } from '../tokens.js';

/** How long the last events of runs that are over may take to their readers, in milliseconds, and how often that is looked at. */
const LAST_WORDS_MS = 1_000;
const LOOK_MS = 20;

/** Why nobody can listen here any more to a run that goes on in another process. */
export class EngineStopping extends ClavigerError {
  constructor() {
    super(
      'overloaded',
      'This engine is stopping, and the run goes on without it. Ask again: another one, or this one restarted, tells the rest.',
      { extras: { retryAfterSeconds: 2 } },
    );
  }
}

/**
 * Whoever listens to a run that somebody else began is watched like the run itself (CUSTODY §4): a listener whose token, membership or
 * grant is taken away hears no more of it, though the run goes on. A process that stops lets nobody wait for another's run.
 */
@Injectable()
export class ListenerWatch implements BeforeApplicationShutdown {
  readonly #listening = new Set<AbortController>();
  #stopping = false;

  constructor(
    private readonly openRuns: OpenRuns,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Aborts `leaving`, with what refuses the caller of this request, once it may not listen any more. Returns what ends the watch. */
  begin(leaving: AbortController): () => void {
    const stateKey = currentStateKey();
    const { caller, permission } = currentRight();
    const { orgId } = caller;
    if (this.#stopping) leaving.abort(new EngineStopping());
    this.#listening.add(leaving);
    const unwatch = this.openRuns.add(
      {
        ...{ orgId, stateKey },
        check: (now) => void assertCaller(now, permission, this.clock.now()),
        end: (error) => leaving.abort(error),
      },
      // It was let in by a state of at most this age.
      this.clock.monotonicMs() - FENCE_MS,
    );
    return () => {
      this.#listening.delete(leaving);
      unwatch();
    };
  }

  /** The runs of this process are over by now, and their ends are on the way; who follows another's run would hold the server open. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    for (let waited = 0; waited < LAST_WORDS_MS && this.#listening.size > 0; waited += LOOK_MS)
      await sleep(LOOK_MS);
    for (const leaving of this.#listening) leaving.abort(new EngineStopping());
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
