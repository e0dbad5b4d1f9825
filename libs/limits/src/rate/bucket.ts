import { RATE_METRICS, type RateLimits, type RateMetric } from '#lib/contracts';
import type { BucketTime } from './bucket-time.js';
import { counted, current, givenBack, SHAPES, slotOf, used, waitFor, type Slots } from './window.js';

/** What the shared store keeps of one key, token or provider. */
export interface Bucket {
  time: BucketTime;
  windows: Record<RateMetric, Slots>;
}

/** Units by metric. */
export type Units = Record<RateMetric, number>;
export const NO_UNITS: Readonly<Units> = { rpm: 0, rpd: 0, tpm: 0 };

/** Units that were counted in a slot and were not used, or (negative) used beyond what was counted. */
export interface Correction {
  metric: RateMetric;
  slot: number;
  units: number;
}

export interface Draw {
  /** Without this nothing is granted. */
  need: Units;
  /** What is granted where there is room. */
  want: Units;
  corrections: readonly Correction[];
}

export interface Drawn {
  bucket: Bucket;
  /** All zero when there was no room for `need`. */
  granted: Units;
  /** The slots in which it was counted. */
  slots: Units;
}

export const EMPTY_BUCKET: Bucket = {
  time: { shiftMs: 0, jumps: 0, lastMs: 0 },
  windows: { rpm: [], rpd: [], tpm: [] },
};

/** Draws from a bucket at the time that `time.lastMs` says. Corrections are made whether or not anything is granted. */
export function draw(bucket: Bucket, time: BucketTime, limits: RateLimits, asked: Draw): Drawn {
  const now = time.lastMs;
  const windows = mapMetrics((metric) => {
    const mine = asked.corrections.filter((correction) => correction.metric === metric);
    return mine.reduce<Slots>(
      (slots, { slot, units }) =>
        units > 0 ? givenBack(slots, slot, units) : counted(slots, SHAPES[metric], now, -units),
      current(bucket.windows[metric], SHAPES[metric], now),
    );
  });
  const room = mapMetrics(
    (metric) => (limits[metric] ?? Infinity) - used(windows[metric], SHAPES[metric], now),
  );
  const slots = mapMetrics((metric) => slotOf(SHAPES[metric], now));
  const isLimited = (metric: RateMetric): boolean => limits[metric] !== undefined;
  if (RATE_METRICS.some((metric) => isLimited(metric) && room[metric] < asked.need[metric])) {
    // Nothing changed, so nothing need be written: refusals must not wear out the store.
    const isSame = asked.corrections.length === 0 && time.jumps === bucket.time.jumps;
    return { bucket: isSame ? bucket : { time, windows }, granted: { ...NO_UNITS }, slots };
  }
  const granted = mapMetrics((metric) =>
    isLimited(metric) ? Math.max(0, Math.min(asked.want[metric], room[metric])) : 0,
  );
  const after = mapMetrics((metric) => counted(windows[metric], SHAPES[metric], now, granted[metric]));
  return { bucket: { time, windows: after }, granted, slots };
}

/** How long until `need` has room, and the metric that is slowest. */
export function bucketWait(
  bucket: Bucket,
  limits: RateLimits,
  need: Units,
  nowMs: number,
): { ms: number; metric: RateMetric } {
  return RATE_METRICS.map((metric) => {
    const limit = limits[metric];
    const ms =
      limit === undefined ? 0 : waitFor(bucket.windows[metric], SHAPES[metric], nowMs, limit, need[metric]);
    return { ms, metric };
  }).reduce((worst, one) => (one.ms > worst.ms ? one : worst));
}

export function mapMetrics<T>(of: (metric: RateMetric) => T): Record<RateMetric, T> {
  return { rpm: of('rpm'), rpd: of('rpd'), tpm: of('tpm') };
}
