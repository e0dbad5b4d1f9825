import type { AvailableModel, ModelList, UnavailableModel } from '#lib/contracts';
import { servedModels, serving } from './curation.js';
import type { GateAssignment, GateState, Refusal } from './gate-types.js';
import { disabledRefusal, noKeyRefusal, usableKeys } from './key-gate.js';
import { notServed } from './model-gate.js';
import { killSwitchRefusal } from './principal-gate.js';
import type { Catalogue, ModelRecord, ProviderRecord } from './types.js';

/**
 * The models that a workspace may use (assigned ∩ active ∩ enabled by the organization ∩ curated, PRODUCT #27) and those
 * that it may not, each with the code and sentence that `evaluate` would refuse it with. So an empty list explains itself.
 * Provider and model order are the catalogue's; `aiProviderIds` are in the order of choice.
 */
export function listModels(state: GateState, catalogue: Catalogue, now: Date): ModelList {
  const keys = usableKeys(state, catalogue, now);
  const parts = catalogue.providers.map((provider) => ofProvider(state, catalogue, provider, keys, now));
  return { data: parts.flatMap((part) => part.data), unavailable: parts.flatMap((part) => part.unavailable) };
}

function ofProvider(
  state: GateState,
  catalogue: Catalogue,
  provider: ProviderRecord,
  usable: GateAssignment[],
  now: Date,
): ModelList {
  const assigned = state.assignments.filter((assignment) => assignment.provider === provider.slug);
  const keys = usable.filter((assignment) => assignment.provider === provider.slug);
  const all = new Map(catalogue.modelsOf(provider.slug).map((model) => [model.id, model]));
  for (const key of assigned)
    for (const model of servedModels(catalogue, provider, key)) all.set(model.id, model);
  const models = [...all.values()];

  const blanket = blanketRefusal(state, catalogue, provider, keys, now);
  if (blanket) return { data: [], unavailable: models.map((model) => unavailable(model, blanket)) };

  const list: ModelList = { data: [], unavailable: [] };
  for (const model of models) {
    const servers = keys.filter((key) => serving(catalogue, provider, key, model.id) === 'yes');
    if (servers.length > 0) list.data.push(available(model, servers));
    else list.unavailable.push(unavailable(model, notServed(catalogue, provider, keys[0]!, model.id)));
  }
  return list;
}

/** What keeps every model of a provider away, in the order of the gates. */
function blanketRefusal(
  state: GateState,
  catalogue: Catalogue,
  provider: ProviderRecord,
  keys: GateAssignment[],
  now: Date,
): Refusal | null {
  const killed = killSwitchRefusal(state);
  if (killed) return killed;
  if (state.disabledProviders.includes(provider.slug)) return disabledRefusal(catalogue, [provider.slug]);
  return keys.length === 0 ? noKeyRefusal(state, catalogue, [provider.slug], now) : null;
}

function available(model: ModelRecord, servers: GateAssignment[]): AvailableModel {
  const { id, provider, name, bestFor, contextWindow, capabilities, price, lifecycle } = model;
  const aiProviderIds = servers.map((server) => server.aiProviderId);
  return { id, provider, aiProviderIds, name, bestFor, contextWindow, capabilities, price, lifecycle };
}

function unavailable(model: ModelRecord, refusal: Refusal): UnavailableModel {
  return { id: model.id, provider: model.provider, code: refusal.code, detail: refusal.detail };
}
