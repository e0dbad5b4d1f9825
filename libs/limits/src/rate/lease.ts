import type { RateLimits, RateMetric } from '#lib/contracts';
import { mapMetrics, type Units } from './bucket.js';

/** Share of a limit that one process may hold unused: one per cent of a minute's, one per mille of a day's; at least one request. */
const SHARE: Record<RateMetric, number> = { rpm: 100, tpm: 100, rpd: 1_000 };

/**
 * How much a process holds ready so that a call need not ask the store: the slack that its lease may add to a window, and the room
 * that it may take with it when it is killed. Tokens are held for one more call of the size seen last, since fewer serve none.
 */
export function leaseSize(limits: RateLimits, need: Units): Units {
  return mapMetrics((metric) => {
    const limit = limits[metric];
    if (limit === undefined) return 0;
    return Math.min(limit, Math.max(Math.floor(limit / SHARE[metric]), need[metric]));
  });
}

/** What `processes` may hold together, beyond the limit, in any window. */
export function statedSlack(limits: RateLimits, need: Units, processes: number): Units {
  const one = leaseSize(limits, need);
  return mapMetrics((metric) => one[metric] * processes);
}
