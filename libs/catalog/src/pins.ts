import { isId } from '#lib/kernel';
import { namesModel } from './curation.js';
import type { GateState, ModelRequest } from './gate-types.js';
import type { Catalogue } from './types.js';

/**
 * Reads what `@slug/model` and `@aip_…/model` pin, once, where a request comes in: what is behind it is judged and sent as it is,
 * since ids of vendors may begin with an @ themselves (`@cf/meta/…`). A request that names its key has been read.
 * Such an id stands for itself where a key names it or the provider that the request names takes any id. What is neither a pin nor
 * such an id is taken for a provider with a typo, and keeps its whole model for the sentence that says so.
 */
export function unpin(
  state: Pick<GateState, 'assignments'>,
  catalogue: Catalogue,
  request: ModelRequest,
): ModelRequest {
  const match = /^@([^/]+)\/(.+)$/.exec(request.pin === undefined ? (request.model ?? '') : '');
  if (!match) return request;
  const [, target = '', model = ''] = match;
  if (catalogue.provider(target)) return { ...request, provider: target, model };
  const isKey = isId('aip', target) || state.assignments.some((key) => key.aiProviderId === target);
  if (!isKey && standsForItself(state, catalogue, request)) return request;
  if (target.startsWith('aip_')) return { ...request, pin: target, model };
  return { ...request, provider: target };
}

function standsForItself(
  { assignments }: Pick<GateState, 'assignments'>,
  catalogue: Catalogue,
  { provider: slug, model = '' }: ModelRequest,
): boolean {
  if (slug !== undefined && catalogue.provider(slug)?.openModels) return true;
  return assignments
    .filter((key) => slug === undefined || key.provider === slug)
    .some((key) => {
      const provider = catalogue.provider(key.provider);
      return provider !== undefined && namesModel(catalogue, provider, key, model);
    });
}

/** Whether the provider of a request is what its model was taken to pin. */
export function isTypo({ provider, model }: ModelRequest): boolean {
  return provider !== undefined && model?.startsWith(`@${provider}/`) === true;
}
