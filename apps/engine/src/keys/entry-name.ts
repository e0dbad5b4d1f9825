import type { StateKey } from '#lib/contracts';

/** A cache name for one authorisation question: equal questions have equal names, and no two kinds of principal share one. */
export function entryName(key: StateKey): string {
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = nameOf(key)));
  return name;
}

/** A call asks by one key again and again. */
const names = new WeakMap<StateKey, string>();

function nameOf(key: StateKey): string {
  const { principal } = key;
  const workspace = key.workspaceId ?? 'its own';
  if ('tokenHash' in principal) return `token ${principal.tokenHash.toString('hex')} ${workspace}`;
  if ('sessionHash' in principal) return `session ${principal.sessionHash.toString('hex')} ${workspace}`;
  const { orgId, userId, aiProviderId, secretVersion } = principal.ticket;
  return `ticket ${orgId} ${userId} ${aiProviderId} ${secretVersion ?? ''}`;
}
