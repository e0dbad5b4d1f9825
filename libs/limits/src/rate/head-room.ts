import { RATE_METRICS, type HeadRoom } from '#lib/contracts';
import { bucketTime } from './bucket-time.js';
import { bucketWait } from './bucket.js';
import { needOf, type RateDelay } from './rate-limiter.js';
import type { RateScope } from './rate-scope.js';
import type { RateStore } from './rate-store.port.js';
import { decodeBucket } from './update-bucket.js';
import { SHAPES, used } from './window.js';

export interface RateRoom {
  headRoom: HeadRoom[];
  /** What a call of so many tokens would wait for at the longest; null when there is room in all of them. */
  delay: RateDelay | null;
}

/** What is left of every limit of `scopes`, read from the shared store; nothing is drawn. */
export async function headRoom(
  store: Pick<RateStore, 'read'>,
  scopes: readonly RateScope[],
): Promise<HeadRoom[]> {
  return (await rateRoom(store, scopes, 1)).headRoom;
}

/** What is left of them, and how long a call of `tokens` would wait. What the engines hold ready in leases counts as used. */
export async function rateRoom(
  store: Pick<RateStore, 'read'>,
  scopes: readonly RateScope[],
  tokens: number,
): Promise<RateRoom> {
  if (scopes.length === 0) return { headRoom: [], delay: null };
  const { nowMs, buckets } = await store.read(scopes.map(({ bucket }) => bucket));
  const read = scopes.map((scope, at) => {
    const bucket = decodeBucket(buckets[at]?.text ?? null);
    const now = bucketTime(bucket.time, { storeMs: nowMs, sentMs: 0, gotMs: 0 }, undefined).lastMs;
    return { scope, bucket, now };
  });
  const left = read.flatMap(({ scope: { kind, id, limits }, bucket, now }) =>
    RATE_METRICS.flatMap((metric): HeadRoom[] => {
      const limit = limits[metric];
      if (limit === undefined) return [];
      const count = used(bucket.windows[metric], SHAPES[metric], now);
      const windowSeconds = SHAPES[metric].windowMs / 1_000;
      return [
        { scope: kind, id, metric, limit, used: count, left: Math.max(0, limit - count), windowSeconds },
      ];
    }),
  );
  const delays = read.map(({ scope, bucket, now }): RateDelay => {
    const { ms, metric } = bucketWait(bucket, scope.limits, needOf(scope, tokens), now);
    const { kind, id, name, limits } = scope;
    return { kind, id, name, metric, limit: limits[metric] ?? 0, waitMs: ms };
  });
  const longest = delays.reduce((worst, one) => (one.waitMs > worst.waitMs ? one : worst));
  return { headRoom: left, delay: longest.waitMs > 0 ? longest : null };
}
