import { SeededRandom } from '../pii/random.js';
import { oneOf, randomKeys } from './random-keys.js';
import { randomPolicies } from './random-policies.js';
import { randomExecutions, randomPrices, randomQuotas } from './random-quotas.js';
import { REF_MODELS, REF_VENDORS } from './vendors.js';
import type { RefAlias, RefCaller, RefRequest, RefVendor, RefWorld } from './world.js';

export const REF_SURFACES = ['chat', 'agent_complex', 'cmd_k', 'docgen', 'lineage', 'our_surface'];

export interface RandomWorldOptions {
  /** For worlds that are made real: vendors' records stay as they are, tools are such as every engine knows, nothing hangs on the time. */
  fixedVendors?: boolean;
}

export function randomWorld(random: SeededRandom, options: RandomWorldOptions = {}): RefWorld {
  const vendors = options.fixedVendors ? [...REF_VENDORS] : REF_VENDORS.map((one) => bent(random, one));
  const keys = randomKeys(random, vendors);
  return {
    stopped: random.chance(0.025) ? random.pick(['platform', 'operator', 'owners']) : null,
    caller: randomCaller(random, options),
    workspaceReadOnly: random.chance(0.01),
    planModels: random.chance(0.12) ? randomPlanModels(random) : null,
    vendors,
    orgOff: vendors.map(({ slug }) => slug).filter(() => random.chance(0.05)),
    keys,
    defaultVendor: random.chance(0.15) ? oneOf(random, vendors).slug : null,
    policies: randomPolicies(random, { timeless: options.fixedVendors === true }),
    aliases: random.chance(0.4) ? randomAliases(random, options) : [],
    minuteOfWeek: random.int(0, 7 * 24 * 60 - 1),
    quotas: randomQuotas(random, keys),
    ownPrices: randomPrices(random, vendors),
    executions: randomExecutions(random),
  };
}

/** An operator's changes of a record. */
function bent(random: SeededRandom, vendor: RefVendor): RefVendor {
  return {
    ...vendor,
    off: random.chance(vendor.off ? 0.6 : 0.02),
    defaultModel: random.chance(0.05) ? null : vendor.defaultModel,
    surfaces: random.chance(0.1) ? {} : vendor.surfaces,
    models: vendor.models.map((model) => ({
      ...model,
      tools: random.chance(0.1) ? random.pick(['yes', 'no', 'depends']) : model.tools,
      retired: random.chance(0.03) ? !model.retired : model.retired,
      priced: random.chance(0.1) ? !model.priced : model.priced,
    })),
  };
}

function randomCaller(random: SeededRandom, { fixedVendors }: RandomWorldOptions): RefCaller {
  const caller: RefCaller = {
    ...{ known: true, revoked: false, expired: false, wall: random.pick(['none', 'here']) },
    ...{ membership: 'active', role: random.pick(['OWNER', 'ADMIN', 'MEMBER']), mayExecute: true },
    beyondPlan: random.chance(0.01),
  };
  if (!random.chance(0.05)) return caller;
  const faults: Partial<RefCaller>[] = [
    { wall: 'elsewhere' },
    ...[{ known: false }, { revoked: true }, { expired: true }, { wall: 'elsewhere' as const }],
    // Nobody pending has a token, and one ends with the membership of who issued it.
    ...(fixedVendors ? [] : [{ membership: 'pending' as const }, { membership: 'none' as const }]),
    { role: 'MEMBER', mayExecute: false },
  ];
  return { ...caller, ...oneOf(random, faults) };
}

function randomPlanModels(random: SeededRandom): string[] {
  const globs = ['alpha/*', 'beta/*', 'delta/*', '*/shared-1', 'alpha/a-*', '*/*-one', 'gamma/*', '*'];
  return Array.from({ length: random.int(1, 3) }, () => oneOf(random, globs));
}

function randomAliases(random: SeededRandom, options: RandomWorldOptions): RefAlias[] {
  // An id that became real after the alias was made; saving such an alias is refused.
  const names = options.fixedVendors
    ? ['fast', 'smart']
    : ['fast', 'fast', 'smart', 'smart', 'a-small', 'tuned-x'];
  const aliases = Array.from({ length: random.int(1, 3) }, () => ({
    name: oneOf(random, names),
    ofWorkspace: random.chance(0.4),
    models: [...new Set(Array.from({ length: random.int(1, 3) }, () => randomTarget(random, options)))],
  }));
  const same = (one: RefAlias, other: RefAlias): boolean =>
    one.name === other.name && one.ofWorkspace === other.ofWorkspace;
  return aliases.filter((one, index) => aliases.findIndex((other) => same(one, other)) === index);
}

function randomTarget(random: SeededRandom, { fixedVendors }: RandomWorldOptions): string {
  // An alias is not saved for an id that looks like a pin unless a key has it.
  const models = fixedVendors ? REF_MODELS.filter((id) => !id.startsWith('@')) : REF_MODELS;
  const model = oneOf(random, models);
  if (random.chance(0.12)) return `@key:${random.int(0, 4)}/${model}`;
  return random.chance(0.3) ? `@${oneOf(random, REF_VENDORS).slug}/${model}` : model;
}

export function randomRequest(
  random: SeededRandom,
  world: RefWorld,
  options: RandomWorldOptions = {},
): RefRequest {
  const request: RefRequest = { tools: randomTools(random, options) };
  const model = randomModel(random, world);
  if (model !== undefined) request.model = model;
  if (random.chance(0.12)) request.provider = someSlug(random, world);
  if (random.chance(0.5)) request.surface = oneOf(random, REF_SURFACES);
  if (random.chance(0.25)) request.maxOutputTokens = random.pick([1, 100, 1000, 5000]);
  return request;
}

/** Mostly what the workspace could be served. */
function randomModel(random: SeededRandom, world: RefWorld): string | undefined {
  const dice = random.next();
  if (dice < 0.42) return undefined;
  const model = likely(random, world);
  if (dice < 0.72) return model;
  if (dice < 0.8) return `@${someSlug(random, world)}/${model}`;
  if (dice < 0.88) return `@key:${random.int(0, Math.max(1, world.keys.length) - 1)}/${model}`;
  if (dice < 0.975) return world.aliases[0]?.name ?? 'fast';
  return 'never-heard-of';
}

function likely(random: SeededRandom, world: RefWorld): string {
  const key = world.keys.length > 0 && random.chance(0.7) ? oneOf(random, world.keys) : undefined;
  if (!key) return oneOf(random, REF_MODELS);
  const own = world.vendors.find(({ slug }) => slug === key.vendor)?.models.map(({ id }) => id) ?? [];
  const written = key.models.length > 0 ? key.models : own;
  return written.length > 0 ? oneOf(random, written) : oneOf(random, REF_MODELS);
}

function someSlug(random: SeededRandom, world: RefWorld): string {
  if (random.chance(0.06)) return random.pick(['alhpa', 'betta']);
  return world.keys.length > 0 && random.chance(0.8)
    ? oneOf(random, world.keys).vendor
    : oneOf(random, world.vendors).slug;
}

function randomTools(random: SeededRandom, { fixedVendors }: RandomWorldOptions): RefRequest['tools'] {
  if (!random.chance(0.4)) return [];
  return Array.from({ length: random.int(1, 2) }, (_, index) => ({
    name: `${random.pick(['get', 'delete'])}_thing_${index}`,
    kind: fixedVendors ? 'http' : random.pick(['http', 'client']),
  }));
}
