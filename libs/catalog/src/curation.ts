import { uncataloguedModel } from './edits.js';
import type { GateAssignment } from './gate-types.js';
import { isGeminiModelId, isModelId } from './model-id.js';
import type { Catalogue, ModelRecord, ProviderRecord } from './types.js';

type Lists = Pick<
  GateAssignment,
  'config' | 'keyDefaultModel' | 'keyModels' | 'assignmentDefaultModel' | 'assignmentModels'
>;

/** `curated_out`: the model exists, and the lists of key or assignment leave it out. */
export type Serving = 'yes' | 'curated_out' | 'unknown' | 'retired';

/** Whether a key may serve a model, judged by the catalogue and the lists of key and assignment. */
export function serving(
  catalogue: Catalogue,
  provider: ProviderRecord,
  lists: Lists,
  model: string,
): Serving {
  if (catalogue.model(provider.slug, model)?.lifecycle === 'retired') return 'retired';
  if (!isIdOn(provider, model)) return 'unknown';
  const known = isKnown(catalogue, provider, lists, model);
  const allowed = allowedModels(lists);
  if (allowed) return allowed.has(model) ? 'yes' : known ? 'curated_out' : 'unknown';
  return known ? 'yes' : 'unknown';
}

/** Whether a key claims a model by name, rather than because its provider takes any id. */
export function namesModel(
  catalogue: Catalogue,
  provider: ProviderRecord,
  lists: Lists,
  model: string,
): boolean {
  return isNamed(catalogue, provider, lists, model);
}

/**
 * The curated list in force: the assignment's where it has one (within what the key allows), else the key's, in its order; a default
 * that counts as listed comes last. Empty when nothing is curated.
 */
export function curatedList(lists: Lists): string[] {
  return [...(allowedModels(lists) ?? [])];
}

/** The defaults in force, best first: the assignment's before the key's, without one that the lists leave out. */
export function defaultModels(lists: Lists): string[] {
  const allowed = allowedModels(lists);
  return [lists.assignmentDefaultModel, lists.keyDefaultModel]
    .filter((model) => model !== null)
    .filter((model) => !allowed || allowed.has(model));
}

/** Whether both lists are there and have nothing in common, so that the key serves nothing in this workspace. */
export function servesNothing(lists: Lists): boolean {
  return allowedModels(lists)?.size === 0;
}

/** Every model that the key serves here and that is named: curated ones, or what provider's record, catalogue and owner name. */
export function servedModels(catalogue: Catalogue, provider: ProviderRecord, lists: Lists): ModelRecord[] {
  const allowed = allowedModels(lists);
  const ids =
    allowed ??
    new Set([
      ...catalogue.modelsOf(provider.slug).map((model) => model.id),
      ...recordModels(provider),
      ...deployedModels(lists.config),
      ...defaults(lists),
    ]);
  return [...ids].filter((id) => isIdOn(provider, id)).map((id) => modelRecord(catalogue, provider.slug, id));
}

/** The catalogue's record of a model, or one that says that nothing is known of it. */
export function modelRecord(catalogue: Catalogue, provider: string, id: string): ModelRecord {
  return catalogue.model(provider, id) ?? uncataloguedModel(provider, id);
}

/**
 * What key and assignment allow together, or null when neither curates. A default model counts as listed beside it:
 * the owner named it for this very key. Where both curate, only what both allow is allowed (a lower scope never adds).
 */
function allowedModels(lists: Lists): Set<string> | null {
  const byKey = withDefault(lists.keyModels, lists.keyDefaultModel);
  const byAssignment = withDefault(lists.assignmentModels, lists.assignmentDefaultModel);
  if (!byKey) return byAssignment;
  if (!byAssignment) return byKey;
  return new Set([...byAssignment].filter((model) => byKey.has(model)));
}

function withDefault(models: readonly string[], named: string | null): Set<string> | null {
  if (models.length === 0) return null;
  return new Set(named === null ? models : [...models, named]);
}

function isIdOn({ protocol }: ProviderRecord, model: string): boolean {
  return protocol === 'gemini' ? isGeminiModelId(model) : isModelId(model);
}

function isKnown(catalogue: Catalogue, provider: ProviderRecord, lists: Lists, model: string): boolean {
  return provider.openModels || isNamed(catalogue, provider, lists, model);
}

function isNamed(catalogue: Catalogue, provider: ProviderRecord, lists: Lists, model: string): boolean {
  return (
    catalogue.model(provider.slug, model) !== undefined ||
    recordModels(provider).includes(model) ||
    deployedModels(lists.config).includes(model) ||
    defaults(lists).includes(model) ||
    lists.keyModels.includes(model) ||
    (lists.keyModels.length === 0 && lists.assignmentModels.includes(model))
  );
}

/** What the provider's own record runs where nobody names a model; the catalogue may list none of it. */
function recordModels({ defaultModel, surfaces }: ProviderRecord): string[] {
  return [...(defaultModel === null ? [] : [defaultModel]), ...Object.values(surfaces)];
}

/** The models that an owner mapped to deployments of their own (Azure): named for this very key, like a default. */
function deployedModels({ deployments }: Lists['config']): string[] {
  return typeof deployments === 'object' && deployments !== null ? Object.keys(deployments) : [];
}

function defaults(lists: Lists): string[] {
  return [lists.keyDefaultModel, lists.assignmentDefaultModel].filter((model) => model !== null);
}
