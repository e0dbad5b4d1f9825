import type { Refusal } from './gate-types.js';
import type { ModelOrderInput } from './model-order.js';

/** What may name a model, before the policies have looked: the key's defaults are tried one after the other. */
export type NamedModels = Omit<ModelOrderInput, 'keyDefault'> & { keyDefaults: readonly string[] };

/**
 * The model order without the defaults that a policy forbids: it passes over them as it passes over what a curated list leaves out.
 * The request's own model is not its business. `barred` is the first refusal of one that was taken away. A curated list of
 * which nothing is left ends the order: what comes after it would be a model that the list does not have.
 */
export function withinPolicies(
  given: NamedModels,
  refusal: (model: string) => Refusal | null,
): { input: ModelOrderInput; barred: Refusal | null } {
  const { keyDefaults, ...input } = given;
  const { requested, curated, surfaceModel, providerDefault } = input;
  if (requested) return { input, barred: null };
  // Of a model that the order would not have come to nothing is said: a curated list ends it.
  const later = curated.length > 0 ? curated : [surfaceModel, providerDefault];
  const named = [...keyDefaults, ...later].filter((model) => typeof model === 'string');
  const refused = new Map(named.map((model) => [model, refusal(model)]));
  const allowed = <T extends string | null | undefined>(model: T) => !model || !refused.get(model);
  const left = curated.filter(allowed);
  const isUsedUp = curated.length > 0 && left.length === 0;
  return {
    barred: [...refused.values()].find((one) => one !== null) ?? null,
    input: {
      ...input,
      keyDefault: keyDefaults.find(allowed) ?? null,
      curated: left,
      surfaceModel: allowed(surfaceModel) && !isUsedUp ? surfaceModel : null,
      providerDefault: allowed(providerDefault) && !isUsedUp ? providerDefault : null,
    },
  };
}
