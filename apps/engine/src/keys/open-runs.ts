import type { ClavigerError, StateKey } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import type { GateCheck } from './fence.js';
import { within } from '../within.js';
import { databaseUnreachable } from './keys.errors.js';
import type { StateCache } from './state-cache.js';

/** How often an open run is checked again, and how old a permission it may live on when the database is silent (CUSTODY §4). */
const RECHECK_MS = 3_000;
const LIVES_MS = 5_000;
const RECHECK_AGE_MS = 1_000;
/** How long past `LIVES_MS` a check may still wait for a database that hangs, and how long every check may at least. */
const GRACE_MS = 1_000;
const LEAST_WAIT_MS = 250;

export interface OpenRun {
  orgId: string;
  stateKey: StateKey;
  check: GateCheck;
  /** Ends the run: aborts the upstream call and tells the caller why. */
  end(error: ClavigerError): void;
}

interface Watched {
  run: OpenRun;
  goodStampMs: number;
  busy: boolean;
}

/**
 * The runs that are under way in this process. `tick` is called every second: a run whose last good check is three seconds old is
 * checked again, and one that cannot be checked within five ends. A check that waits for a hanging query waits no longer than to
 * the sixth, so that with the tick (1 s) on top it stays under the seven seconds promised.
 */
export class OpenRuns {
  readonly #watched = new Set<Watched>();
  readonly #cache: Pick<StateCache, 'get'>;
  readonly #clock: Clock;

  constructor(cache: Pick<StateCache, 'get'>, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** Watches `run` from a state stamped `stampMs` on. Returns the function that stops watching. */
  add(run: OpenRun, stampMs: number): () => void {
    const watched: Watched = { run, goodStampMs: stampMs, busy: false };
    this.#watched.add(watched);
    return () => this.#watched.delete(watched);
  }

  get size(): number {
    return this.#watched.size;
  }

  async tick(): Promise<void> {
    const now = this.#clock.monotonicMs();
    await this.#recheckAll((watched) => !watched.busy && now - watched.goodStampMs >= RECHECK_MS);
  }

  /** Checks the runs of one organization (or all, without one) at once: the listener was told of a change. */
  async recheck(orgId?: string): Promise<void> {
    await this.#recheckAll((watched) => orgId === undefined || watched.run.orgId === orgId);
  }

  async #recheckAll(due: (watched: Watched) => boolean): Promise<void> {
    await Promise.all([...this.#watched].filter(due).map((watched) => this.#recheckOne(watched)));
  }

  async #recheckOne(watched: Watched): Promise<void> {
    watched.busy = true;
    try {
      const leftMs = watched.goodStampMs + LIVES_MS + GRACE_MS - this.#clock.monotonicMs();
      const reading = this.#cache.get(watched.run.stateKey, RECHECK_AGE_MS);
      const state = await within(reading, Math.max(LEAST_WAIT_MS, leftMs), hanging);
      watched.run.check(state);
      watched.goodStampMs = state.stampMs;
    } catch (error) {
      const fault = asClavigerError(error);
      const silent = fault.code === 'overloaded';
      if (silent && this.#clock.monotonicMs() - watched.goodStampMs < LIVES_MS) return;
      watched.run.end(fault);
    } finally {
      watched.busy = false;
    }
  }
}

function hanging(): ClavigerError {
  return databaseUnreachable(new Error('the check of an open run took too long'));
}
