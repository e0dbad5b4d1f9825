import { chooseModel } from './model-order.js';
import { curatedList, defaultModel, modelRecord, servesNothing, serving } from './curation.js';
import type { Gate, GateAssignment, ModelChoice, ModelRequest, Refusal } from './gate-types.js';
import type { Catalogue, ModelRecord, ProviderRecord } from './types.js';

export type ModelVerdict<A extends GateAssignment> =
  { ok: true; choice: ModelChoice<A> } | { ok: false; gate: Gate; refusal: Refusal };

/** Which model one key would run for a request, and whether the curated lists and the model's capabilities let it. */
export function modelVerdict<A extends GateAssignment>(
  catalogue: Catalogue,
  provider: ProviderRecord,
  assignment: A,
  request: ModelRequest,
): ModelVerdict<A> {
  const lacksTools = (model: string) => !canServeTools(modelRecord(catalogue, provider.slug, model));
  const order = chooseModel({
    requested: request.model,
    keyDefault: defaultModel(assignment),
    curated: curatedList(assignment),
    surfaceModel: request.surface ? provider.surfaces[request.surface] : undefined,
    providerDefault: servesNothing(assignment) ? null : provider.defaultModel,
    passOver: request.needsTools ? lacksTools : undefined,
  });
  if (order.model === null) {
    return order.reason === 'curated_list_lacks_tools'
      ? refuse('capability', lacksToolsRefusal(catalogue, provider, null))
      : refuse('curated', nothingNamed(provider, assignment));
  }
  const { model, step } = order;
  if (serving(catalogue, provider, assignment, model) !== 'yes') {
    return refuse('curated', notServed(catalogue, provider, assignment, model));
  }
  if (request.needsTools && lacksTools(model)) {
    return refuse('capability', lacksToolsRefusal(catalogue, provider, model));
  }
  const modelInfo = modelRecord(catalogue, provider.slug, model);
  return {
    ok: true,
    choice: { assignment, provider, model, modelInfo, lifecycle: modelInfo.lifecycle, step },
  };
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
  if (serving(catalogue, provider, assignment, model) === 'unknown') {
    return {
      code: 'model_not_available',
      detail: `${provider.name} has no model "${shown}" that Claviger knows. Pick one of the workspace's models; an OWNER can add the id to the curated models of the key "${assignment.name}".`,
      extras,
    };
  }
  return {
    code: 'model_not_available',
    detail: `Model "${shown}" is not among the curated models of the key "${assignment.name}" in this workspace. Pick another model, or an OWNER can add it under Settings → AI Providers (the key) or Settings → Workspaces (the assignment).`,
    extras,
  };
}

function nothingNamed(provider: ProviderRecord, assignment: GateAssignment): Refusal {
  const detail = servesNothing(assignment)
    ? `The curated models of the key "${assignment.name}" and of its assignment have no model in common. An OWNER can change either list.`
    : `${provider.name} has no default model. Name a model in the request, or an OWNER can set a default model on the key "${assignment.name}".`;
  return { code: 'model_not_available', detail, extras: { model: null, provider: provider.slug } };
}

function lacksToolsRefusal(catalogue: Catalogue, provider: ProviderRecord, model: string | null): Refusal {
  const able = catalogue.modelsOf(provider.slug).find((candidate) => candidate.capabilities.tools === 'yes');
  const what =
    model === null ? 'None of the curated models of this key' : `Model "${model}" of ${provider.name}`;
  const verb = model === null ? 'can call tools' : 'can’t call tools';
  const pick = able ? `Pick a model that can (e.g. ${able.id})` : 'Pick a model that can';
  const owner = model === null ? ', which an OWNER can add to the curated models,' : '';
  return {
    code: 'model_lacks_tools',
    detail: `${what} ${verb}. ${pick}${owner} or remove the tools from this node.`,
    extras: { model, provider: provider.slug },
  };
}
