import { SeededRandom } from '../pii/random.js';
import { REF_MODELS } from './vendors.js';
import type { RefKey, RefVendor } from './world.js';

/** Keys of an organization, mostly usable ones, so that a call gets past the first gates often enough. */
export function randomKeys(random: SeededRandom, vendors: readonly RefVendor[]): RefKey[] {
  const count = random.pick([0, 1, 2, 2, 3, 3, 4, 4, 5]);
  const beyond = random.chance(0.07) ? random.int(0, count) : count;
  return Array.from({ length: count }, (_, number) => {
    const vendor = oneOf(random, random.chance(0.7) ? vendors.filter(({ off }) => !off) : vendors);
    return { ...randomKey(random, vendor, number), readOnly: number >= beyond };
  });
}

function randomKey(random: SeededRandom, vendor: RefVendor, number: number): RefKey {
  const assigned = random.chance(0.93);
  return {
    number,
    vendor: vendor.slug,
    enabled: random.chance(0.94),
    expired: random.chance(0.04),
    hasSecret: vendor.needsSecret ? random.chance(0.96) : random.chance(0.3),
    readOnly: false,
    models: random.chance(0.35) ? someModels(random, vendor) : [],
    defaultModel: random.chance(0.25) ? someModel(random, vendor) : null,
    assigned: assigned
      ? {
          active: random.chance(0.94),
          priority: random.int(0, 2),
          weight: random.int(1, 3),
          models: random.chance(0.25) ? someModels(random, vendor) : [],
          defaultModel: random.chance(0.2) ? someModel(random, vendor) : null,
        }
      : null,
  };
}

function someModels(random: SeededRandom, vendor: RefVendor): string[] {
  const count = random.int(1, 3);
  return [...new Set(Array.from({ length: count }, () => someModel(random, vendor)))];
}

/** Mostly one of the vendor's own. */
function someModel(random: SeededRandom, vendor: RefVendor): string {
  const own = vendor.models.map(({ id }) => id);
  return own.length > 0 && random.chance(0.8) ? oneOf(random, own) : oneOf(random, REF_MODELS);
}

export function oneOf<T>(random: SeededRandom, items: readonly T[]): T {
  const [first, ...others] = items;
  if (first === undefined) throw new Error('There is nothing to choose from.');
  return random.pick([first, ...others]);
}
