import { parseEgressAllow } from './allow-list.js';
import type { EgressSettings } from './create-guard.js';
import { EgressGuard } from './guard.js';
import { guardedFetch } from './guarded-fetch.js';
import { platformServices } from './own-services.js';
import { systemResolver, type Resolver } from './resolver.js';
import { parseTarget } from './target.js';

const NEAR = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '100.64.0.0/10'];
const NEAR_V6 = ['[::1]/128', '[fc00::]/7'];
const ANYWHERE = ['0.0.0.0/0', '[::]/0'];

/** Not one of an organization: what the operator's own way out is called where a tenant's is named. */
const OPERATOR = 'operator';

/**
 * A `fetch` to the operator's collector at `url` and to nothing else. The operator named it, so it may be near, or on any port, which is
 * reached straight; a public place on https' own port is reached as tenants' calls are, by the proxy and the certificates of the
 * operator. Metadata services and the platform's other services stay out of reach, redirects are errors.
 */
export function collectorFetch(
  url: string,
  settings: Omit<EgressSettings, 'egressAllow' | 'tracing'>,
  deadlineMs: number,
  resolver: Resolver = systemResolver,
): typeof fetch {
  const { origin, scheme, port } = parseTarget(url);
  const isUsual = scheme === 'https' && port === 443;
  const places = isUsual ? [...NEAR, ...NEAR_V6] : ANYWHERE;
  const allow = parseEgressAllow(places.map((cidr) => `${scheme}://${cidr}:${port}`));
  const { egressProxy, egressCa } = settings;
  const forbidden = platformServices(settings);
  const guard = new EgressGuard(allow, { resolver, forbidden, wayOut: { egressProxy, egressCa } });
  return guardedFetch({
    guard,
    orgId: OPERATOR,
    allowedOrigins: [origin],
    headerDeadlineMs: deadlineMs,
    idleDeadlineMs: deadlineMs,
    maxResponseBytes: 1_048_576,
  });
}
