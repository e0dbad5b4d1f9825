import { ClavigerError } from '#lib/contracts';
import type { SendState } from '#lib/egress';
import {
  backoffMs,
  MAX_DELAY_MS,
  RateFull,
  rateLimited,
  secondsOf,
  UPSTREAM_ATTEMPTS,
  type Permit,
  type RateDelay,
  type RateLimiter,
  type RateScope,
  type Slot,
  type SlotOptions,
} from '#lib/limits';
import { retryAfterSeconds } from '#lib/providers';
import { countsUnreachable } from './rate-refusal.js';

/** The longest pause that a vendor's Retry-After may ask of a call. */
export const MAX_PAUSE_MS = 60_000;
/** A permit is counted when it is taken: one that was not used soon is taken anew, so that the count says when bytes left. */
const FRESH_MS = 1_000;

export interface CallRatesOptions {
  limiter: RateLimiter;
  /** The limits as the newest authorised state has them. */
  scopes: () => RateScope[];
  /** A slot among the requests that the key may have under way at once; null where it has no such limit. */
  slot: (options: SlotOptions) => Promise<Slot | null>;
  /** Whether there is such a limit. */
  hasSlots: () => boolean;
  /** Tokens that the first request is reserved for, and the most that any answer may have. */
  firstTokens: number;
  outputTokens: number;
  monotonicMs: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: () => number;
  now: () => Date;
  /** When the run must be done, on the monotonic clock. */
  deadlineMs: number;
  /** Told once it is known whether there is room. */
  asked?: () => void;
}

/** What else there is to a request that its vendor turned away for its rate. */
export interface TurnedAway {
  /** Whether it may be made again here after a pause; no: another target may take it. */
  mayWait(): boolean;
  /** Told of each one that is made again. */
  waits(answer: Response, latencyMs: number): void;
}

/** The rate limits of one run: a permit for each request to the model, settled with what the request used (PRODUCT #40, #44). */
export class CallRates {
  readonly #options: CallRatesOptions;
  #permit: Permit | undefined;
  #slot: Slot | null = null;
  #isSent = false;
  #isAdmitted = false;
  #isOver = false;
  #nextTokens: number;

  constructor(options: CallRatesOptions) {
    this.#options = options;
    this.#nextTokens = options.firstTokens;
  }

  /**
   * Takes the first permit if there is room now. A call that would have to wait no longer than is allowed goes on without one and
   * waits once it can tell its caller. One that was admitted stays so. @throws ClavigerError rate_limited, overloaded
   */
  async admit(): Promise<void> {
    if (this.#isAdmitted) return;
    const { limiter, scopes, asked } = this.#options;
    try {
      this.#permit = await limiter.acquire(scopes(), { tokens: this.#nextTokens, maxDelayMs: 0 });
    } catch (error) {
      if (!(error instanceof RateFull)) throw countsUnreachable(error);
      if (error.delay.waitMs > this.#patienceMs()) throw rateLimited(error.delay);
    } finally {
      asked?.();
    }
    this.#isAdmitted = true;
    // Whoever asked has given up meanwhile.
    if (this.#isOver) this.#drop();
  }

  /**
   * `call` with a permit for each request. One that the vendor turns away for its rate before a byte of the answer is made again
   * after a pause; what the vendor asks for wins over ours, and a pause that the run has no time for is not begun.
   */
  fetch(
    call: typeof fetch,
    sent: SendState,
    tellDelay: (inSeconds: number) => void,
    turned?: TurnedAway,
  ): typeof fetch {
    const { sleep, random, now, monotonicMs } = this.#options;
    return async (input, init) => {
      const signal = init?.signal ?? undefined;
      for (let attempt = 1; ; attempt += 1) {
        await this.#ready(signal, tellDelay);
        const startedMs = monotonicMs();
        const answer = await call(input, init);
        if (!answer.ok) this.settle(0);
        if (answer.status !== 429 || attempt >= UPSTREAM_ATTEMPTS) return answer;
        if (turned?.mayWait() === false) return answer;
        const asked = retryAfterSeconds(answer.headers.get('retry-after') ?? undefined, now());
        const pauseMs = backoffMs(attempt, random(), asked);
        if (pauseMs > Math.min(MAX_PAUSE_MS, this.#leftMs())) return answer;
        await answer.body?.cancel();
        sent.turnedAway();
        turned?.waits(answer, Math.round(monotonicMs() - startedMs));
        tellDelay(secondsOf(pauseMs));
        await sleep(pauseMs, signal);
      }
    };
  }

  /** Whether the request that is sent first may go at once, with what was admitted a moment ago. */
  readyAtHand(): boolean {
    const { hasSlots, monotonicMs } = this.#options;
    if (!this.#permit || this.#isSent || hasSlots() || monotonicMs() - this.#permit.takenAtMs > FRESH_MS)
      return false;
    this.#isSent = true;
    return true;
  }

  /** As `admit` where room is at hand; false where the store must be asked. */
  admitAtHand(): boolean {
    if (this.#isAdmitted) return true;
    const { limiter, scopes, asked } = this.#options;
    this.#permit = limiter.tryAcquire(scopes(), this.#nextTokens);
    if (!this.#permit) return false;
    this.#isAdmitted = true;
    asked?.();
    return true;
  }

  /** The permit for a request that is sent by other means than `fetch`, and sent once. @throws ClavigerError rate_limited, overloaded */
  ready(signal: AbortSignal): Promise<void> {
    return this.#ready(signal, () => undefined);
  }

  /** What the request that was sent last used. Further requests of the run bring at least that much as their input. */
  settle(tokens: number): void {
    this.#letGo();
    this.#permit?.settle(tokens);
    this.#permit = undefined;
    if (tokens > 0) this.#nextTokens = tokens + this.#options.outputTokens;
  }

  /** The run is over: a permit that was not used goes back; a request that was cut off keeps what it reserved. */
  end(): void {
    this.#isOver = true;
    this.#letGo();
    this.#drop();
  }

  async #ready(signal: AbortSignal | undefined, tellDelay: (inSeconds: number) => void): Promise<void> {
    const { limiter, scopes, slot, monotonicMs } = this.#options;
    const tellWait = (waitMs: number): void => tellDelay(secondsOf(waitMs));
    // First: a permit counts when bytes leave, however long a slot was waited for.
    const asked = { maxDelayMs: this.#patienceMs(), signal, onDelay: tellWait };
    const taken = this.#slot ?? (await this.#known(() => slot(asked), signal));
    // Whoever gave up meanwhile has let go of all that there was to let go of.
    if (signal?.aborted) taken?.release();
    signal?.throwIfAborted();
    this.#slot = taken;
    if (this.#permit && (this.#isSent || monotonicMs() - this.#permit.takenAtMs > FRESH_MS)) this.#drop();
    const onDelay = ({ waitMs }: RateDelay): void => tellDelay(secondsOf(waitMs));
    const options = { tokens: this.#nextTokens, maxDelayMs: this.#patienceMs(), signal, onDelay };
    this.#permit ??= await this.#known(() => limiter.acquire(scopes(), options), signal);
    this.#isSent = true;
  }

  /** What the store was asked for, or why it may not be had. */
  async #known<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof RateFull) throw rateLimited(error.delay);
      throw signal?.aborted || error instanceof ClavigerError ? error : countsUnreachable(error);
    }
  }

  #drop(): void {
    if (!this.#isSent) this.#permit?.release();
    this.#permit = undefined;
  }

  #letGo(): void {
    this.#slot?.release();
    this.#slot = null;
  }

  #patienceMs(): number {
    return Math.max(0, Math.min(MAX_DELAY_MS, this.#leftMs()));
  }

  #leftMs(): number {
    return this.#options.deadlineMs - this.#options.monotonicMs();
  }
}
