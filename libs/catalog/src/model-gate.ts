import { chooseModel, type ModelOrderResult } from './model-order.js';
import { withinPolicies } from './policy-order.js';
import { curatedList, defaultModels, modelRecord, servesNothing, serving } from './curation.js';
import { shortList, whichModels } from './which-models.js';
import type { Gate, GateAssignment, ModelChoice, ModelRequest, PolicyGate, Refusal } from './gate-types.js';
import type { Catalogue, ModelRecord, ProviderRecord } from './types.js';

export type ModelVerdict<A extends GateAssignment> =
  { ok: true; choice: ModelChoice<A> } | { ok: false; gate: Gate; refusal: Refusal };

/** Which model one key would run for a request, and whether policies, curated lists and the model's capabilities let it. */
export function modelVerdict<A extends GateAssignment>(
  catalogue: Catalogue,
  provider: ProviderRecord,
  assignment: A,
  request: ModelRequest,
  policies: PolicyGate,
): ModelVerdict<A> {
  const forbidden = policies.target(provider.slug, request.model ?? null, assignment.aiProviderId);
  if (forbidden) return refuse('policy', forbidden);
  const lacksTools = (model: string) => !canServeTools(modelRecord(catalogue, provider.slug, model));
  const { order, barred } = orderFor(catalogue, provider, assignment, request, policies);
  if (order.model === null) {
    if (barred) return refuse('policy', barred);
    return order.reason === 'curated_list_lacks_tools'
      ? refuse('capability', lacksToolsRefusal(catalogue, provider, assignment, null))
      : refuse('curated', nothingNamed(provider, assignment));
  }
  const { model, step } = order;
  if (serving(catalogue, provider, assignment, model) !== 'yes') {
    return refuse('curated', notServed(catalogue, provider, assignment, model));
  }
  if (request.needsTools && lacksTools(model)) {
    const named = { model, isDefault: step !== 1 };
    return refuse('capability', lacksToolsRefusal(catalogue, provider, assignment, named));
  }
  const modelInfo = modelRecord(catalogue, provider.slug, model);
  return {
    ok: true,
    choice: { assignment, provider, model, modelInfo, lifecycle: modelInfo.lifecycle, step },
  };
}

/**
 * Which model the order of PRODUCT #13 names for one key, before any other gate is asked; `barred` is why a policy took a
 * default out of it.
 */
export function orderFor(
  catalogue: Catalogue,
  provider: ProviderRecord,
  assignment: GateAssignment,
  request: ModelRequest,
  policies: PolicyGate,
): { order: ModelOrderResult; barred: Refusal | null } {
  const lacksTools = (model: string) => !canServeTools(modelRecord(catalogue, provider.slug, model));
  const isEmpty = servesNothing(assignment);
  const { input, barred } = withinPolicies(
    {
      requested: request.model,
      keyDefaults: defaultModels(assignment),
      curated: curatedList(assignment),
      surfaceModel: request.surface && !isEmpty ? provider.surfaces[request.surface] : undefined,
      providerDefault: isEmpty ? null : provider.defaultModel,
      passOver: request.needsTools ? lacksTools : undefined,
    },
    (model) => policies.target(provider.slug, model, assignment.aiProviderId),
  );
  return { order: chooseModel(input), barred };
}

/** `depends` and `unknown` are let through: only a plain `no` is known to fail. */
export function canServeTools(model: ModelRecord): boolean {
  return model.capabilities.tools !== 'no';
}

function refuse(gate: Gate, refusal: Refusal): { ok: false; gate: Gate; refusal: Refusal } {
  return { ok: false, gate, refusal };
}

/** The refusal for a model that the key's provider doesn't have, or that the lists of key or assignment leave out. */
export function notServed(
  catalogue: Catalogue,
  provider: ProviderRecord,
  assignment: GateAssignment,
  model: string,
): Refusal {
  const shown = model.slice(0, 128);
  const extras = { model: shown, provider: provider.slug };
  const served = serving(catalogue, provider, assignment, model);
  if (served === 'retired') {
    const { replacement } = modelRecord(catalogue, provider.slug, model);
    const next = replacement === null ? 'Pick another model' : `Use "${replacement}" in its place`;
    return {
      code: 'model_not_available',
      detail: `Model "${shown}" of ${provider.name} is retired. ${next}; where a key or an assignment names it, an OWNER can change that under Settings → AI Providers or Settings → Workspaces.`,
      extras: { ...extras, replacement },
    };
  }
  if (served === 'unknown') {
    return {
      code: 'model_not_available',
      detail: `${provider.name} has no model "${shown}" that Claviger knows. ${whichModels(model, `the key "${assignment.name}"`)}`,
      extras,
    };
  }
  const curated = shortList(curatedList(assignment));
  return {
    code: 'model_not_available',
    detail: `Model "${shown}" is not among the curated models of the key "${assignment.name}" in this workspace: ${curated}. Use one of them, or an OWNER can add it under Settings → AI Providers (the key) or Settings → Workspaces (the assignment).`,
    extras,
  };
}

function nothingNamed(provider: ProviderRecord, assignment: GateAssignment): Refusal {
  const detail = servesNothing(assignment)
    ? `The curated models of the key "${assignment.name}" and of its assignment have no model in common. An OWNER can change either list.`
    : `${provider.name} has no default model. Name a model in the request, or an OWNER can set a default model on the key "${assignment.name}".`;
  return { code: 'model_not_available', detail, extras: { model: null, provider: provider.slug } };
}

/** @param named the model that lacks them, and whether a default named it; null: the whole curated list lacks them */
function lacksToolsRefusal(
  catalogue: Catalogue,
  provider: ProviderRecord,
  { name }: GateAssignment,
  named: { model: string; isDefault: boolean } | null,
): Refusal {
  const able = catalogue.modelsOf(provider.slug).find((candidate) => candidate.capabilities.tools === 'yes');
  const pick = `Pick a model that can${able ? ` (e.g. ${able.id})` : ''}`;
  const what = named
    ? `Model "${named.model.slice(0, 128)}" of ${provider.name} can’t call tools, as the platform’s catalogue says`
    : `None of the curated models of the key "${name}" in this workspace can call tools, as the platform’s catalogue says`;
  const added = `an OWNER can add one to the curated models of the key under Settings → AI Providers or Settings → Workspaces`;
  const changed = `an OWNER can change what the key "${name}" runs by default under Settings → AI Providers or Settings → Workspaces`;
  const owner = named ? (named.isDefault ? `; ${changed}` : '') : `; ${added}`;
  return {
    code: 'model_lacks_tools',
    detail: `${what}. ${pick}, or remove the tools from this node${owner}.`,
    extras: { model: named?.model ?? null, provider: provider.slug },
  };
}
