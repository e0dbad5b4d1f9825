import type { RateMetric } from '#lib/contracts';
import { bucketTime, type BucketTime, type TimeMark } from './bucket-time.js';
import { EMPTY_BUCKET, mapMetrics, type Bucket } from './bucket.js';
import type { RateStore } from './rate-store.port.js';
import type { Slots } from './window.js';

/** How often a writer tries again because another was faster. With a handful of engines three are hardly ever needed. */
const ATTEMPTS = 40;

/** Reads, decides and writes (unless `decide` answers the very bucket it was given); again when another process came between. `decide` may be called several times. */
export async function updateBucket<T extends { bucket: Bucket }>(
  store: RateStore,
  name: string,
  monotonicMs: () => number,
  mark: TimeMark | undefined,
  decide: (bucket: Bucket, time: BucketTime) => T,
): Promise<T & { mark: TimeMark }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const sentMs = monotonicMs();
    const { nowMs, buckets } = await store.read([name]);
    const gotMs = monotonicMs();
    const { text, version } = buckets[0] ?? { text: null, version: 0 };
    const bucket = decodeBucket(text);
    const time = bucketTime(bucket.time, { storeMs: nowMs, sentMs, gotMs }, mark);
    const decided = decide(bucket, time);
    if (decided.bucket === bucket || (await store.write(name, encodeBucket(decided.bucket), version)))
      return { ...decided, mark: { bucketMs: time.lastMs, monotonicMs: gotMs, jumps: time.jumps } };
  }
  throw new Error('the rate limit store is too contended');
}

export function encodeBucket({ time, windows }: Bucket): string {
  const flat = mapMetrics((metric) => windows[metric].flat());
  return JSON.stringify({ time: [time.shiftMs, time.jumps, time.lastMs], ...flat });
}

/** What cannot be read counts as an empty bucket: it was written by no version that knows these limits. */
export function decodeBucket(text: string | null): Bucket {
  if (text === null) return EMPTY_BUCKET;
  const json: unknown = JSON.parse(text);
  const numbers = (name: 'time' | RateMetric): number[] => {
    const value: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'number') : [];
  };
  const [shiftMs = 0, jumps = 0, lastMs = 0] = numbers('time');
  return { time: { shiftMs, jumps, lastMs }, windows: mapMetrics((metric) => pairs(numbers(metric))) };
}

function pairs(flat: number[]): Slots {
  return Array.from(
    { length: Math.floor(flat.length / 2) },
    (_, at) => [flat[2 * at]!, flat[2 * at + 1]!] as const,
  );
}
