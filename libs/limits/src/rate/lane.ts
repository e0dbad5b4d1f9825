import { RATE_METRICS, type RateLimits, type RateMetric } from '#lib/contracts';
import type { TimeMark } from './bucket-time.js';
import {
  bucketWait,
  draw,
  NO_UNITS,
  mapMetrics,
  type Bucket,
  type Correction,
  type Units,
} from './bucket.js';
import { leaseSize } from './lease.js';
import type { RateStore } from './rate-store.port.js';
import { updateBucket } from './update-bucket.js';
import { SHAPES, used } from './window.js';

/** How long a process keeps a lease that nobody uses. */
const KEEP_MS = 2_000;
/** How long a window that was seen full is believed to be: others may give room back before it slides. */
const BELIEVE_MS = 500;

/** This process's part of one bucket: what it may hand out without asking, and what it knows of the shared count. */
export class Lane {
  limits: RateLimits;
  readonly #store: RateStore;
  readonly #name: string;
  readonly #monotonicMs: () => number;
  #held: Units = { ...NO_UNITS };
  #slots: Units = { ...NO_UNITS };
  #usedAtMs = 0;
  #target: Units = { ...NO_UNITS };
  #targetOf: RateLimits | undefined;
  #wanted: Units = { ...NO_UNITS };
  #firstNeed: Units | undefined;
  #corrections: Correction[] = [];
  #drawing: Promise<void> | undefined;
  #seen: { bucket: Bucket; mark: TimeMark } | undefined;
  #isFull = false;

  constructor(store: RateStore, name: string, limits: RateLimits, monotonicMs: () => number) {
    this.#store = store;
    this.#name = name;
    this.limits = limits;
    this.#monotonicMs = monotonicMs;
  }

  has(need: Units): boolean {
    const { rpm, rpd, tpm } = this.limits;
    return (
      (rpm === undefined || this.#held.rpm >= need.rpm) &&
      (rpd === undefined || this.#held.rpd >= need.rpd) &&
      (tpm === undefined || this.#held.tpm >= need.tpm)
    );
  }

  /** Hands out what `has` said is there. Draws the next lease in the background, so that the next call need not wait. */
  take(need: Units): void {
    const { limits } = this;
    if (limits.rpm !== undefined) this.#held.rpm -= need.rpm;
    if (limits.rpd !== undefined) this.#held.rpd -= need.rpd;
    if (limits.tpm !== undefined) this.#held.tpm -= need.tpm;
    this.#usedAtMs = this.#monotonicMs();
    if (this.#drawing === undefined && this.#runsLow(need)) void this.#refill(need).catch(() => undefined);
  }

  /** The slots that the units handed out last were counted in. */
  get slots(): Units {
    return this.#slots;
  }

  /** What was handed out and is not needed. It is not kept: a lease never holds more than its size. */
  giveBack(metric: RateMetric, slot: number, units: number): void {
    if (units !== 0 && this.limits[metric] !== undefined) this.#corrections.push({ metric, slot, units });
  }

  /** Asks the store for `need`, together with everybody who asks meanwhile. Rejects when the store does not answer. */
  async fill(need: Units): Promise<void> {
    const isKnownFull = this.#isFull && this.#seenFor() < BELIEVE_MS && this.#corrections.length === 0;
    if (isKnownFull && this.waitMs(need).ms > 0) return;
    this.#want(need);
    while (this.#drawing) await this.#drawing;
    if (!this.#firstNeed) return;
    await this.#refill(need);
  }

  /** Milliseconds until the shared window has room for `need`, as far as this process knows, and the metric that says so. */
  waitMs(need: Units): { ms: number; metric: RateMetric } {
    if (!this.#seen) return { ms: 0, metric: 'rpm' };
    return bucketWait(this.#seen.bucket, this.limits, need, this.#bucketNow(this.#seen.mark));
  }

  /** What is left of the limit, this process's own lease included. */
  left(metric: RateMetric): number {
    const limit = this.limits[metric] ?? 0;
    if (!this.#seen) return limit;
    const { bucket, mark } = this.#seen;
    const count = used(bucket.windows[metric], SHAPES[metric], this.#bucketNow(mark));
    return Math.max(0, Math.min(limit, limit - count + this.#held[metric]));
  }

  /** Gives back what has not been used for a while, and what calls reserved and did not use. */
  async tidy(all = false): Promise<void> {
    if (all || this.#monotonicMs() - this.#usedAtMs >= KEEP_MS) {
      for (const metric of RATE_METRICS) {
        this.giveBack(metric, this.#slots[metric], this.#held[metric]);
        this.#held[metric] = 0;
      }
    }
    if (this.#corrections.length > 0 && !this.#drawing) await this.#refill(NO_UNITS, true);
  }

  get isIdle(): boolean {
    const idle = this.#monotonicMs() - this.#usedAtMs >= 10 * KEEP_MS && this.#corrections.length === 0;
    return idle && !this.#drawing && RATE_METRICS.every((metric) => this.#held[metric] === 0);
  }

  #want(need: Units): void {
    this.#firstNeed ??= need;
    for (const metric of RATE_METRICS) this.#wanted[metric] += need[metric];
  }

  /** On the path of every call: figures out the lease's size only when the limits are other ones. */
  #runsLow(need: Units): boolean {
    if (this.#targetOf !== this.limits) {
      this.#target = leaseSize(this.limits, need);
      this.#targetOf = this.limits;
    }
    const target = this.#target;
    const held = this.#held;
    if (2 * held.rpm >= target.rpm && 2 * held.rpd >= target.rpd && 2 * held.tpm >= target.tpm) return false;
    return !(this.#isFull && this.waitMs(need).ms > 0);
  }

  #refill(need: Units, onlyCorrect = false): Promise<void> {
    if (!onlyCorrect) this.#target = leaseSize(this.limits, need);
    this.#drawing = this.#draw(onlyCorrect).finally(() => {
      this.#drawing = undefined;
    });
    return this.#drawing;
  }

  async #draw(onlyCorrect: boolean): Promise<void> {
    // A turn of its own first: calls of the same moment ask together.
    await Promise.resolve();
    const wanted = onlyCorrect ? NO_UNITS : this.#wanted;
    const first = (onlyCorrect ? undefined : this.#firstNeed) ?? NO_UNITS;
    if (!onlyCorrect) {
      this.#wanted = { ...NO_UNITS };
      this.#firstNeed = undefined;
    }
    const corrections = this.#corrections;
    this.#corrections = [];
    const lacking = (units: Units) => mapMetrics((metric) => Math.max(0, units[metric] - this.#held[metric]));
    const upTo = onlyCorrect ? NO_UNITS : mapMetrics((metric) => wanted[metric] + this.#target[metric]);
    const asked = { need: lacking(first), want: lacking(upTo), corrections };
    try {
      const { granted, slots, bucket, mark } = await updateBucket(
        this.#store,
        this.#name,
        this.#monotonicMs,
        this.#seen?.mark,
        (stored, time) => draw(stored, time, this.limits, asked),
      );
      for (const metric of RATE_METRICS) {
        this.#held[metric] += granted[metric];
        if (granted[metric] > 0) this.#slots[metric] = slots[metric];
      }
      this.#seen = { bucket, mark };
      this.#isFull = RATE_METRICS.some((metric) => granted[metric] < asked.want[metric]);
      this.#usedAtMs = this.#monotonicMs();
    } catch (error) {
      this.#corrections.push(...corrections);
      throw error;
    }
  }

  #seenFor(): number {
    return this.#seen ? this.#monotonicMs() - this.#seen.mark.monotonicMs : Number.POSITIVE_INFINITY;
  }

  #bucketNow(mark: TimeMark): number {
    return mark.bucketMs + (this.#monotonicMs() - mark.monotonicMs);
  }
}
