import type { RateMetric, RateScopeKind } from '#lib/contracts';
import { NO_UNITS, type Units } from './bucket.js';
import { Lane } from './lane.js';
import { Permit } from './permit.js';
import type { RateScope } from './rate-scope.js';
import type { RateStore } from './rate-store.port.js';

/** Time as the limiter needs it: its own clock that never goes back, and a pause that ends early when `signal` aborts. */
export interface RateTiming {
  monotonicMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Why a call must wait, and how long. */
export interface RateDelay {
  kind: RateScopeKind;
  id: string;
  name: string;
  metric: RateMetric;
  limit: number;
  waitMs: number;
}

/** Thrown when there is no room within the delay that was allowed. */
export class RateFull extends Error {
  constructor(readonly delay: RateDelay) {
    super(`no room for ${Math.ceil(delay.waitMs)} ms`);
  }
}

export interface AcquireOptions {
  /** Estimated tokens of the call. */
  tokens: number;
  /** How long the call may be held back, in milliseconds. */
  maxDelayMs: number;
  signal?: AbortSignal | undefined;
  /** Told when the call begins to wait, and when it must wait for longer than it was told. */
  onDelay?: ((delay: RateDelay) => void) | undefined;
}

/** While a call waits it looks this often whether another one has given room back. */
const LOOK_MS = 1_000;

/**
 * RPM, RPD and TPM of keys, tokens and providers, shared by all processes through one store. Room is drawn ahead in small leases,
 * so that a call that finds one asks nobody (ADR 0024).
 */
export class RateLimiter {
  readonly #lanes = new Map<string, Lane>();
  readonly #waiting = new Map<Lane, Set<Units>>();
  readonly #store: RateStore;
  readonly #timing: RateTiming;

  constructor(store: RateStore, timing: RateTiming) {
    this.#store = store;
    this.#timing = timing;
  }

  /** A permit out of the leases at hand; undefined when one of the scopes has none ready. */
  tryAcquire(scopes: readonly RateScope[], tokens: number): Permit | undefined {
    if (scopes.length === 0) return Permit.UNLIMITED;
    const needs: Units[] = [];
    const lanes: Lane[] = [];
    for (const scope of scopes) {
      const lane = this.#lane(scope);
      const need = needOf(scope, tokens);
      if (!lane.has(need) || this.#waiting.has(lane)) return undefined;
      lanes.push(lane);
      needs.push(need);
    }
    return this.#take(lanes, needs);
  }

  /** A permit for one request. @throws RateFull; the signal's reason; what the store throws when it cannot be asked. */
  async acquire(scopes: readonly RateScope[], options: AcquireOptions): Promise<Permit> {
    const { tokens, maxDelayMs, signal, onDelay } = options;
    const atHand = this.tryAcquire(scopes, tokens);
    if (atHand) return atHand;
    const lanes = scopes.map((scope) => this.#lane(scope));
    // Each its own object: the queue tells waiting calls apart by it.
    const needs = scopes.map((scope) => ({ ...needOf(scope, tokens) }));
    const deadline = this.#timing.monotonicMs() + maxDelayMs;
    let toldUntil = Number.NEGATIVE_INFINITY;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const lacking = lanes.filter((lane, at) => !lane.has(needs[at]!));
        await Promise.all(lacking.map((lane) => lane.fill(needs[lanes.indexOf(lane)]!)));
        if (lanes.every((lane, at) => lane.has(needs[at]!))) return this.#take(lanes, needs);
        const delay = this.#longest(scopes, lanes, needs);
        const now = this.#timing.monotonicMs();
        if (now + delay.waitMs > deadline) throw new RateFull(delay);
        lanes.forEach((lane, at) => this.#queue(lane).add(needs[at]!));
        if (now + delay.waitMs > toldUntil + LOOK_MS) {
          toldUntil = now + delay.waitMs;
          onDelay?.(delay);
        }
        await this.#timing.sleep(Math.min(Math.max(delay.waitMs, 1), LOOK_MS), signal);
      }
    } finally {
      lanes.forEach((lane, at) => this.#leave(lane, needs[at]!));
    }
  }

  /** What is left of each limit of `scopes`, as far as this process knows: for headers, not for decisions. */
  left(scopes: readonly RateScope[], metric: RateMetric): { scope: RateScope; left: number }[] {
    return scopes
      .filter(({ limits }) => limits[metric] !== undefined)
      .map((scope) => ({ scope, left: this.#lane(scope).left(metric) }));
  }

  /** Call about once a second: unused leases go back, and lanes that nobody uses are forgotten. Rejects when the store does not answer. */
  async tick(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.tidy()));
    for (const [name, lane] of this.#lanes) if (lane.isIdle) this.#lanes.delete(name);
  }

  /** Gives everything back: a process that stops takes no room with it. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.tidy(true)));
  }

  #lane(scope: RateScope): Lane {
    let lane = this.#lanes.get(scope.bucket);
    if (!lane) {
      lane = new Lane(this.#store, scope.bucket, scope.limits, () => this.#timing.monotonicMs());
      this.#lanes.set(scope.bucket, lane);
    }
    lane.limits = scope.limits;
    return lane;
  }

  #take(lanes: Lane[], needs: Units[]): Permit {
    lanes.forEach((lane, at) => lane.take(needs[at]!));
    return new Permit(lanes, needs, this.#timing.monotonicMs());
  }

  #longest(scopes: readonly RateScope[], lanes: Lane[], needs: Units[]): RateDelay {
    const delays = scopes.map(({ kind, id, name, limits }, at) => {
      const { ms, metric } = lanes[at]!.waitMs(this.#withAhead(lanes[at]!, needs[at]!));
      return { kind, id, name, metric, limit: limits[metric] ?? 0, waitMs: ms };
    });
    return delays.reduce((worst, one) => (one.waitMs > worst.waitMs ? one : worst));
  }

  /** A call waits for those that wait already as well. */
  #withAhead(lane: Lane, need: Units): Units {
    const sum = { ...need };
    for (const other of this.#waiting.get(lane) ?? []) {
      if (other === need) break;
      sum.rpm += other.rpm;
      sum.rpd += other.rpd;
      sum.tpm += other.tpm;
    }
    return sum;
  }

  #queue(lane: Lane): Set<Units> {
    const queue = this.#waiting.get(lane) ?? new Set();
    this.#waiting.set(lane, queue);
    return queue;
  }

  #leave(lane: Lane, need: Units): void {
    const queue = this.#waiting.get(lane);
    queue?.delete(need);
    if (queue?.size === 0) this.#waiting.delete(lane);
  }
}

/** A call that is larger than its limit takes all of it: it could not be made otherwise, and is settled by what it used. */
export function needOf({ limits }: RateScope, tokens: number): Units {
  if (limits.tpm === undefined) return ONE_REQUEST;
  return { rpm: 1, rpd: 1, tpm: Math.min(tokens, limits.tpm) };
}

const ONE_REQUEST: Units = { ...NO_UNITS, rpm: 1, rpd: 1 };
