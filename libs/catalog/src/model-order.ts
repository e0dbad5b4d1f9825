import type { ModelStep } from './gate-types.js';

export interface ModelOrderInput {
  /** `model` of the request. */
  requested?: string | undefined;
  /** The key's default model (the assignment's own, where it has one). */
  keyDefault?: string | null | undefined;
  /** The curated list, in its order; empty means that nothing is curated. */
  curated: readonly string[];
  /** The provider's model for this surface. */
  surfaceModel?: string | null | undefined;
  /** The provider's default model. */
  providerDefault?: string | null | undefined;
  /** Whether a model must be passed over in the curated list: it can't call tools and tools are needed. */
  passOver?: (model: string) => boolean;
}

export type ModelOrderResult =
  | { model: string; step: ModelStep }
  /** The whole curated list was passed over. */
  | { model: null; reason: 'curated_list_lacks_tools' }
  /** Nothing names a model: the caller must. */
  | { model: null; reason: 'nothing_named' };

/**
 * The model order of PRODUCT #13: 1. the request's model 2. the key's default 3. the provider's model for this surface,
 * if in the curated list 4. first of the curated list 5. the provider's model for this surface 6. the provider's default.
 * Gates are not its business: what it names must still pass them.
 */
export function chooseModel(input: ModelOrderInput): ModelOrderResult {
  const { requested, keyDefault, curated, surfaceModel, providerDefault } = input;
  const passOver = input.passOver ?? (() => false);
  if (requested) return { model: requested, step: 1 };
  if (keyDefault) return { model: keyDefault, step: 2 };
  if (surfaceModel && curated.includes(surfaceModel) && !passOver(surfaceModel)) {
    return { model: surfaceModel, step: 3 };
  }
  const first = curated.find((model) => !passOver(model));
  if (first !== undefined) return { model: first, step: 4 };
  if (curated.length > 0) return { model: null, reason: 'curated_list_lacks_tools' };
  if (surfaceModel) return { model: surfaceModel, step: 5 };
  if (providerDefault) return { model: providerDefault, step: 6 };
  return { model: null, reason: 'nothing_named' };
}
