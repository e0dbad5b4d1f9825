import { SeededRandom } from '../pii/random.js';
import { REF_MODELS } from './vendors.js';
import { oneOf } from './random-keys.js';
import type { RefKey, RefQuota, RefVendor } from './world.js';

const PLENTY = 1_000_000_000;
const METRICS = ['runs', 'output_tokens', 'cost_micro_usd', 'cost_micro_usd'] as const;
/** What is used, and of how much. */
const ROOM: Record<RefQuota['metric'], [number, number][]> = {
  runs: [
    [999, 1_000],
    [1_000, 1_000],
    [1_001, 1_000],
    [0, 0],
    [0, PLENTY],
  ],
  output_tokens: [
    [0, 99],
    [0, 100],
    [904, 5_000],
    [905, 5_000],
    [3_000, 5_000],
    [0, PLENTY],
  ],
  cost_micro_usd: [
    [1_000, 1_000],
    [1_001, 1_000],
    [0, 0],
    [0, PLENTY],
    [7, PLENTY],
  ],
};

/** Up to two quotas, some used up, some of one key; of money either nothing or plenty is left. */
export function randomQuotas(random: SeededRandom, keys: readonly RefKey[]): RefQuota[] {
  if (!random.chance(0.22)) return [];
  return Array.from({ length: random.int(1, 2) }, (): RefQuota => {
    const metric = oneOf<RefQuota['metric']>(random, METRICS);
    const [used, max] = oneOf(random, ROOM[metric]);
    const key = keys.length > 0 && random.chance(0.5) ? oneOf(random, keys).number : null;
    return { key, metric, enforced: random.chance(0.85), used, max };
  });
}

/** Prices that the organization set, of models that mostly have none. */
export function randomPrices(random: SeededRandom, vendors: readonly RefVendor[]): string[] {
  if (!random.chance(0.4)) return [];
  const made = Array.from(
    { length: random.int(1, 3) },
    () => `${oneOf(random, vendors).slug}/${oneOf(random, REF_MODELS)}`,
  );
  return [...new Set(made)];
}

export function randomExecutions(random: SeededRandom): { used: number; max: number | null } {
  if (!random.chance(0.2)) return { used: 7, max: null };
  return { used: random.pick([0, 4, 5, 6]), max: 5 };
}
