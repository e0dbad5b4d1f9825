import type { RefKey, RefModel, RefRefusal, RefVendor, RefWorld } from './world.js';

export function no(gate: RefRefusal['gate'], code: string): RefRefusal {
  return { ok: false, gate, code };
}

export function vendorOf(world: RefWorld, slug: string): RefVendor | undefined {
  for (const vendor of world.vendors) if (vendor.slug === slug) return vendor;
  return undefined;
}

export function modelOf(vendor: RefVendor, id: string): RefModel | undefined {
  for (const model of vendor.models) if (model.id === id) return model;
  return undefined;
}

/** `*` stands for any run of characters, `?` for one; letters are compared without case. */
export function globMatches(glob: string, text: string): boolean {
  return matches(glob.toLowerCase(), text.toLowerCase());
}

function matches(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  if (glob[0] === '*') {
    for (let taken = 0; taken <= text.length; taken += 1) {
      if (matches(glob.slice(1), text.slice(taken))) return true;
    }
    return false;
  }
  if (text === '') return false;
  if (glob[0] !== '?' && glob[0] !== text[0]) return false;
  return matches(glob.slice(1), text.slice(1));
}

/** Decision 31: priority, then weight, then id. The smaller priority goes first, the larger weight, the older key. */
export function inOrder(keys: RefKey[]): RefKey[] {
  return [...keys].sort((one, other) => {
    if (!one.assigned || !other.assigned) return 0;
    if (one.assigned.priority !== other.assigned.priority)
      return one.assigned.priority - other.assigned.priority;
    if (one.assigned.weight !== other.assigned.weight) return other.assigned.weight - one.assigned.weight;
    return one.number - other.number;
  });
}

/** Whether the record of a provider names a model. */
export function recordNames(vendor: RefVendor, model: string): boolean {
  if (vendor.defaultModel === model || modelOf(vendor, model) !== undefined) return true;
  return Object.values(vendor.surfaces).includes(model);
}

/** Whether an owner wrote this model on the key or on its assignment, whose list narrows the key's and never adds to it. */
export function ownerNames(key: RefKey, model: string): boolean {
  if (key.models.includes(model) || key.defaultModel === model) return true;
  if (!key.assigned) return false;
  if (key.assigned.defaultModel === model) return true;
  return key.models.length === 0 && key.assigned.models.includes(model);
}

/**
 * What the lists in force leave: a default counts as written beside the list of its own row; the assignment's list narrows the
 * key's, and its order is the one that holds. null while nobody wrote a list.
 */
export function curatedList(key: RefKey): string[] | null {
  const own = withDefault(key.models, key.defaultModel);
  const here = key.assigned ? withDefault(key.assigned.models, key.assigned.defaultModel) : null;
  if (own === null) return here;
  if (here === null) return own;
  return here.filter((model) => own.includes(model));
}

function withDefault(models: string[], named: string | null): string[] | null {
  if (models.length === 0) return null;
  return named === null || models.includes(named) ? models : [...models, named];
}
