import { callForbidden, vendorForbidden } from './policies.js';
import { askKey } from './six-steps.js';
import { curatedList, inOrder, modelOf, no, ownerNames, recordNames, vendorOf } from './words.js';
import type { RefAlias, RefAnswer, RefKey, RefRefusal, RefRequest, RefVendor, RefWorld } from './world.js';

/** In the order in which a call meets them. */
const GATES = [
  'kill_switch',
  'token',
  'provider',
  'org_gate',
  'key',
  'plan',
  'policy',
  'curated',
  'capability',
];

/** What happens to a call in a world; `only`: to one that names this key beside what it asks for. */
export function referenceAnswer(world: RefWorld, request: RefRequest, only?: number): RefAnswer {
  if (world.stopped !== null) return no('kill_switch', 'ai_disabled');
  const turnedAway = callerRefused(world);
  if (turnedAway) return turnedAway;

  const asked = split(world, request.model, request.provider);
  const { model } = asked;
  const key = only ?? asked.key;
  // A key that is named leaves no choice of provider; one that is named with the model wins over `provider`.
  const pinned = world.keys.find((one) => one.number === key && one.assigned !== null)?.vendor;
  const slug = pinned ?? asked.slug ?? request.provider;
  const isNone = slug !== undefined && vendorOf(world, slug) === undefined;
  const alias = model === undefined || isNone || isReal(world, model) ? undefined : aliasOf(world, model);
  if (!alias) return asNamed(world, request, { slug, key, model });

  // The first model of the list that passes all gates, each as if it had been named; a provider or key that the call names is not left.
  const refusals: RefRefusal[] = [];
  for (const target of alias.models) {
    const meant = split(world, target);
    if (key !== undefined && meant.key !== undefined && meant.key !== key) continue;
    const of =
      meant.slug ?? world.keys.find(({ number, assigned }) => number === meant.key && assigned)?.vendor;
    if (slug !== undefined && of !== undefined && of !== slug) continue;
    const pin = key ?? meant.key;
    const answer = asNamed(world, request, { slug: slug ?? of, key: pin, model: meant.model });
    if (answer.ok) return answer;
    refusals.push(answer);
  }
  // The text says nothing of which refusal is told. That tools are missing is what the caller can mend; else the first choice's.
  const told = refusals.find((one) => one.gate === 'capability') ?? refusals[0];
  if (!told) return no('provider', 'model_not_available');
  // A provider that is none is the alias's fault, not the request's.
  return told.code === 'validation_failed' ? no('provider', 'model_not_available') : told;
}

interface Target {
  slug: string | undefined;
  key: number | undefined;
  model: string | undefined;
}

/**
 * `@slug/model` and `@key:3/model` name more than a model. Ids that begin with an @ by themselves are taken whole where an owner wrote
 * them on a key (of the provider, if one is named), or where the provider that is named takes any id.
 */
export function split(world: RefWorld, model: string | undefined, provider?: string): Target {
  if (!model?.startsWith('@') || !model.includes('/')) return { slug: undefined, key: undefined, model };
  const cut = model.indexOf('/');
  const named = model.slice(1, cut);
  const rest = model.slice(cut + 1);
  if (named.startsWith('key:')) return { slug: undefined, key: Number(named.slice(4)), model: rest };
  if (vendorOf(world, named)) return { slug: named, key: undefined, model: rest };
  const byOwner = world.keys.some(
    (key) =>
      key.assigned !== null &&
      (provider === undefined || key.vendor === provider) &&
      names(world, key, model),
  );
  const taken = provider !== undefined && vendorOf(world, provider)?.takesAny === true;
  if (byOwner || taken) return { slug: undefined, key: undefined, model };
  return { slug: named, key: undefined, model: rest };
}

/** The workspace's own before the organization's. */
function aliasOf({ aliases }: RefWorld, name: string): RefAlias | undefined {
  for (const alias of aliases) if (alias.name === name && alias.ofWorkspace) return alias;
  for (const alias of aliases) if (alias.name === name) return alias;
  return undefined;
}

function callerRefused({ caller }: RefWorld): RefRefusal | undefined {
  if (!caller.known || caller.revoked || caller.expired) return no('token', 'unauthenticated');
  if (caller.wall === 'elsewhere') return no('token', 'not_found');
  if (caller.membership !== 'active') return no('token', 'forbidden');
  if (caller.role === 'MEMBER' && !caller.mayExecute) return no('token', 'forbidden');
  return undefined;
}

/** A model that the catalogue knows, or that an owner wrote on a key that the workspace was handed. It wins over an alias. */
function isReal(world: RefWorld, model: string): boolean {
  for (const vendor of world.vendors) if (modelOf(vendor, model)) return true;
  for (const key of world.keys) if (key.assigned && names(world, key, model)) return true;
  return false;
}

/** Whether a key claims a model by name: by its provider's record or by what an owner wrote (ADR 7). */
function names(world: RefWorld, key: RefKey, model: string): boolean {
  const vendor = vendorOf(world, key.vendor);
  return vendor !== undefined && (recordNames(vendor, model) || ownerNames(key, model));
}

function asNamed(world: RefWorld, request: RefRequest, { slug, key: pin, model }: Target): RefAnswer {
  const assigned = inOrder(world.keys.filter((key) => key.assigned !== null));
  const named = slug ?? (model === undefined ? (world.defaultVendor ?? undefined) : undefined);
  let keys: RefKey[];
  let vendors: string[];
  if (pin !== undefined) {
    keys = assigned.filter((key) => key.number === pin);
    if (keys.length === 0) return no('key', 'no_provider_key');
    vendors = unique(keys);
  } else if (named !== undefined) {
    keys = assigned.filter((key) => key.vendor === named);
    vendors = [named];
  } else if (model === undefined) {
    const first = highest(world, assigned);
    if (first === undefined) return no('key', 'no_provider_key');
    keys = assigned.filter((key) => key.vendor === first.vendor);
    vendors = [first.vendor];
  } else {
    keys = assigned.filter((key) => names(world, key, model));
    vendors = unique(keys);
    if (keys.length === 0) {
      vendors = world.vendors.filter((vendor) => modelOf(vendor, model)).map((vendor) => vendor.slug);
    }
    if (vendors.length === 0) {
      // Known nowhere: it goes to providers that take any id, where the lists of some key leave it room.
      const room = assigned.filter(
        (key) => vendorOf(world, key.vendor)?.takesAny && curatedList(key) === null,
      );
      vendors = unique(room);
      keys = assigned.filter((key) => vendors.includes(key.vendor));
    }
    if (vendors.length === 0) return no('provider', 'model_not_available');
  }
  return throughGates(world, request, model, vendors, keys);
}

/** The assignment of highest priority of those that can be used, before those whose provider is switched off. */
function highest(world: RefWorld, assigned: RefKey[]): RefKey | undefined {
  const usable = assigned.filter((key) => isUsable(world, key));
  for (const key of usable) {
    const vendor = vendorOf(world, key.vendor);
    if (vendor && !vendor.off && !world.orgOff.includes(key.vendor)) return key;
  }
  return usable[0];
}

function isUsable(world: RefWorld, key: RefKey): boolean {
  const vendor = vendorOf(world, key.vendor);
  if (!vendor || !key.assigned) return false;
  if (!key.assigned.active || !key.enabled || key.expired) return false;
  return key.hasSecret || !vendor.needsSecret;
}

function unique(keys: RefKey[]): string[] {
  return [...new Set(keys.map((key) => key.vendor))];
}

function throughGates(
  world: RefWorld,
  request: RefRequest,
  wanted: string | undefined,
  vendors: string[],
  keys: RefKey[],
): RefAnswer {
  const falls: RefRefusal[] = [];
  const served: { key: RefKey; model: string; step: 1 | 2 | 3 | 4 | 5 | 6 }[] = [];
  for (const slug of vendors) {
    const vendor = vendorOf(world, slug);
    if (!vendor) falls.push(no('provider', 'validation_failed'));
    else if (vendor.off) falls.push(no('provider', 'provider_disabled'));
    else if (world.orgOff.includes(slug)) falls.push(no('org_gate', 'provider_disabled'));
    else if (!keys.some((key) => key.vendor === slug)) falls.push(no('key', 'no_provider_key'));
  }
  for (const key of keys) {
    const vendor = vendorOf(world, key.vendor);
    if (!vendor || vendor.off || world.orgOff.includes(key.vendor)) continue;
    if (!isUsable(world, key)) falls.push(no('key', 'no_provider_key'));
    else if (world.workspaceReadOnly || world.caller.beyondPlan || key.readOnly)
      falls.push(no('plan', 'plan_read_only'));
    else {
      const answer =
        callForbidden(world, request) || vendorForbidden(world, key.vendor)
          ? planFirst(world, key, vendor, wanted, request)
          : askKey(world, key, vendor, wanted, request);
      if (answer.ok) served.push({ key, model: answer.model, step: answer.step });
      else falls.push(answer);
    }
  }
  const [best] = served;
  if (best) {
    const { key, model, step } = best;
    return {
      ok: true,
      key: key.number,
      vendor: key.vendor,
      model,
      step,
      order: served.map((one) => one.key.number),
    };
  }
  // Nobody is left: the gate that the last ones fell at answers, and of those the first.
  let last: RefRefusal | undefined;
  for (const fall of falls) if (!last || rank(fall) > rank(last)) last = fall;
  return last ?? no('key', 'no_provider_key');
}

/** A key that is read-only is told of when no other is left. */
function rank({ gate, code }: RefRefusal): number {
  return GATES.indexOf(gate) + (code === 'plan_limit_reached' ? 0.5 : 0);
}

/** Where the policies refuse anyway, the plan still speaks first: of the model that they leave in the order. */
function planFirst(
  world: RefWorld,
  key: RefKey,
  vendor: RefVendor,
  wanted: string | undefined,
  request: RefRequest,
): RefRefusal {
  const answer = askKey(world, key, vendor, wanted, request);
  if (!answer.ok && answer.gate === 'plan') return answer;
  return no('policy', 'policy_violation');
}
