import { listAliases } from './aliases.js';
import type { AvailableModel, ModelList, UnavailableModel } from '#lib/contracts';
import { servedModels, serving } from './curation.js';
import type { GateAssignment, GateState, PolicyGate, Refusal } from './gate-types.js';
import { disabledRefusal, noKeyRefusal, switchedOffRefusal, usableKeys } from './key-gate.js';
import { notServed } from './model-gate.js';
import { allowsModel, beyondPlanRefusal, isBeyondPlan, keyBeyondPlan, modelBeyondPlan } from './plan-gate.js';
import { effectivePrice } from './price-book.js';
import { killSwitchRefusal } from './principal-gate.js';
import type { Catalogue, ModelRecord, ProviderRecord } from './types.js';

/**
 * The models that a workspace may use (assigned ∩ active ∩ enabled by the organization ∩ in the plan ∩ policies ∩ curated, #27) and those
 * that it may not, each with the code and sentence that `evaluate` would refuse it with. So an empty list explains itself.
 * Provider and model order are the catalogue's; `aiProviderIds` are in the order of choice.
 */
export function listModels(
  state: GateState,
  catalogue: Catalogue,
  now: Date,
  policies: PolicyGate,
): ModelList {
  const keys = usableKeys(state, catalogue, now);
  const parts = catalogue.providers.map((provider) =>
    ofProvider({ state, catalogue, now, policies }, provider, keys),
  );
  return {
    data: parts.flatMap((part) => part.data),
    unavailable: parts.flatMap((part) => part.unavailable),
    aliases: listAliases(state, catalogue, now, policies),
  };
}

interface Listing {
  state: GateState;
  catalogue: Catalogue;
  now: Date;
  policies: PolicyGate;
}

function ofProvider(
  listing: Listing,
  provider: ProviderRecord,
  usable: GateAssignment[],
): Omit<ModelList, 'aliases'> {
  const { state, catalogue, policies } = listing;
  const assigned = state.assignments.filter((assignment) => assignment.provider === provider.slug);
  const keys = usable.filter((assignment) => assignment.provider === provider.slug);
  const all = new Map(catalogue.modelsOf(provider.slug).map((model) => [model.id, model]));
  for (const key of assigned)
    for (const model of servedModels(catalogue, provider, key)) all.set(model.id, model);
  const models = [...all.values()];

  const blanket = blanketRefusal(listing, provider, keys);
  if (blanket) return { data: [], unavailable: models.map((model) => unavailable(model, blanket)) };

  const list: Omit<ModelList, 'aliases'> = { data: [], unavailable: [] };
  const writable = keys.filter((key) => !isBeyondPlan(state, key));
  for (const model of models) {
    const blocked = allowsModel(state, provider.slug, model.id)
      ? policies.call
      : modelBeyondPlan(state, provider, model.id);
    // A budget may forbid a model with one key and not with another.
    const refusals = writable.map(
      (key) => blocked ?? policies.target(provider.slug, model.id, key.aiProviderId),
    );
    const allowed = writable.filter((_, at) => refusals[at] === null);
    const servers = allowed.filter((key) => serving(catalogue, provider, key, model.id) === 'yes');
    if (servers.length > 0) {
      list.data.push(available(state, model, servers));
      continue;
    }
    const refused = allowed[0] ? notServed(catalogue, provider, allowed[0], model.id) : refusals[0]!;
    list.unavailable.push(unavailable(model, refused));
  }
  return list;
}

/** What keeps every model of a provider away before the plan looks at models, in the order of the gates. */
function blanketRefusal(
  { state, catalogue, now }: Listing,
  provider: ProviderRecord,
  keys: GateAssignment[],
): Refusal | null {
  const killed = killSwitchRefusal(state);
  if (killed) return killed;
  if (!provider.enabled) return switchedOffRefusal(catalogue, [provider.slug]);
  if (state.disabledProviders.includes(provider.slug)) return disabledRefusal(catalogue, [provider.slug]);
  if (keys.length === 0) return noKeyRefusal(state, catalogue, [provider.slug], now);
  const beyond = beyondPlanRefusal(state);
  if (beyond) return beyond;
  return keys.every((key) => isBeyondPlan(state, key)) ? keyBeyondPlan(state, keys[0]!) : null;
}

function available(
  { priceOverrides }: GateState,
  model: ModelRecord,
  servers: GateAssignment[],
): AvailableModel {
  const aiProviderIds = servers.map((server) => server.aiProviderId);
  return { ...model, price: effectivePrice(priceOverrides, model), aiProviderIds };
}

function unavailable(model: ModelRecord, refusal: Refusal): UnavailableModel {
  return { id: model.id, provider: model.provider, code: refusal.code, detail: refusal.detail };
}
