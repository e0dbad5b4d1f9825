import type { Catalogue } from '#lib/catalog';
import { notFound, type AuthorisedState } from '#lib/contracts';
import { validationFailed } from '#lib/http';
import type { RouteTarget } from '../pipeline/agent-spec.js';

/**
 * What can be said of further targets before a run begins: that a key is none of the workspace's, or a provider is none at all. Whether they
 * may be used is asked when they are tried: a fallback that is switched off today must not keep the run from its first target.
 */
export function vetRoutes(
  routes: readonly RouteTarget[],
  { assignments }: Pick<AuthorisedState, 'assignments'>,
  catalogue: Pick<Catalogue, 'provider' | 'providers'>,
): void {
  const faults = routes.flatMap(({ model, provider }, index) => {
    const pinned = /^@([^/]+)\//.exec(model ?? '')?.[1];
    const slug = provider ?? (pinned?.startsWith('aip_') ? undefined : pinned);
    if (slug === undefined || catalogue.provider(slug)) return [];
    const valid = catalogue.providers.map((known) => known.slug).join(', ');
    const pointer = `/agent/routes/${index}/${provider === undefined ? 'model' : 'provider'}`;
    return [{ pointer, detail: `There is no provider "${slug.slice(0, 64)}". Use one of: ${valid}.` }];
  });
  if (faults.length > 0) throw validationFailed(faults);
  for (const { model, aiProviderId } of routes) {
    const key = aiProviderId ?? /^@(aip_[^/]*)\//.exec(model ?? '')?.[1];
    if (key !== undefined && !assignments.some((assigned) => assigned.aiProviderId === key)) throw notFound();
  }
}
