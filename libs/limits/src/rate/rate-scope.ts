import {
  RATE_METRICS,
  type AuthorisedState,
  type RateLimits,
  type RateScopeKind,
  type StateRateLimits,
} from '#lib/contracts';
import { toUuid } from '#lib/kernel';

/** One thing that has limits, and the bucket of the shared store that counts for it. */
export interface RateScope {
  kind: RateScopeKind;
  /** `aip_…`, `tok_…` or the provider's slug. */
  id: string;
  /** What callers are told it is called. */
  name: string;
  /** `org/kind/id`: the organization comes first, since the store tells tenants apart by it. */
  bucket: string;
  limits: RateLimits;
}

/**
 * The scope, or nothing when it has no limit. `orgUuid` is the bare UUID that row-level security compares; `counter` is in whose
 * window it counts, if that is another's.
 */
export function rateScope(
  orgUuid: string,
  kind: RateScopeKind,
  id: string,
  name: string,
  limits: RateLimits | null | undefined,
  counter: string = id,
): RateScope[] {
  if (!limits || RATE_METRICS.every((metric) => limits[metric] === undefined)) return [];
  return [{ kind, id, name, bucket: `${orgUuid}/${kind}/${counter}`, limits }];
}

/** The limits that a call of this state counts against. Each organization has a provider's for itself. */
export function scopesOf(
  state: LimitedState,
  key: { aiProviderId: string; name: string },
  provider: { slug: string; name: string },
): RateScope[] {
  let byKey = known.get(state);
  if (!byKey) known.set(state, (byKey = new Map<string, RateScope[]>()));
  let scopes = byKey.get(key.aiProviderId);
  if (!scopes) byKey.set(key.aiProviderId, (scopes = findScopes(state, key, provider)));
  return scopes;
}

type LimitedState = Pick<AuthorisedState, 'org' | 'principal' | 'rateLimits'>;

/** A state never changes once it was read: its scopes are found once, not for every call. */
const known = new WeakMap<LimitedState, Map<string, RateScope[]>>();

function findScopes(
  { org, principal, rateLimits }: LimitedState,
  key: { aiProviderId: string; name: string },
  provider: { slug: string; name: string },
): RateScope[] {
  if (!org) return [];
  const { aiProviderId: keyId, name } = key;
  const orgUuid = toUuid(org.id);
  const token = principal?.kind === 'token' ? principal.id : null;
  return [
    ...rateScope(orgUuid, 'key', keyId, `the key "${name}"`, rateLimits.keys[keyId]),
    ...(token === null ? [] : tokenScopes(orgUuid, token, rateLimits.tokenLine)),
    ...rateScope(orgUuid, 'provider', provider.slug, provider.name, rateLimits.providers[provider.slug]),
  ];
}

/**
 * A call of a token counts for each limit of its line. Neighbours with the same limits are one, in the window of the first of them:
 * rolling a token, or making another one with it, gives no room.
 */
function tokenScopes(orgUuid: string, token: string, line: StateRateLimits['tokenLine']): RateScope[] {
  const same = ({ limits }: { limits: RateLimits }, other: { limits: RateLimits } | undefined) =>
    other !== undefined && RATE_METRICS.every((metric) => limits[metric] === other.limits[metric]);
  const groups = line.filter((one, at) => !same(one, line[at - 1]));
  return groups.flatMap(({ id, limits }, at) => {
    const isOwn = at === groups.length - 1;
    const name = isOwn ? 'this token' : 'the token that made this one';
    return rateScope(orgUuid, 'token', isOwn ? token : id, name, limits, id);
  });
}
