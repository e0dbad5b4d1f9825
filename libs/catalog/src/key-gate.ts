import type { GateAssignment, GateState, Refusal } from './gate-types.js';
import type { Catalogue, ProviderRecord } from './types.js';

/** Why an assigned key can't be used now, as the rest of a sentence, or null when it can. */
export function unusableBecause(
  assignment: GateAssignment,
  provider: ProviderRecord | undefined,
  now: Date,
): string | null {
  if (!assignment.active)
    return 'is switched off for this workspace; an OWNER can switch it on under Settings → Workspaces';
  if (!assignment.enabled) return 'is disabled; an OWNER can enable it under Settings → AI Providers';
  if (assignment.expiresAt && assignment.expiresAt <= now) {
    const day = assignment.expiresAt.toISOString().slice(0, 10);
    return `expired on ${day}; an OWNER can enter a new secret or move the date under Settings → AI Providers`;
  }
  if (!provider)
    return 'belongs to a provider that the platform no longer has; the platform operator can bring it back';
  if (!assignment.secretId && provider.credential.required) {
    return 'has no secret; an OWNER can enter it under Settings → AI Providers';
  }
  return null;
}

/** The assigned keys that can be used now, in the order of choice (PRODUCT #31). */
export function usableKeys<A extends GateAssignment>(
  state: GateState<A>,
  catalogue: Catalogue,
  now: Date,
): A[] {
  return state.assignments
    .filter(
      (assignment) => unusableBecause(assignment, catalogue.provider(assignment.provider), now) === null,
    )
    .sort(byChoice);
}

/** Lower priority first, then higher weight, then id: never chance, never insertion order. */
export function byChoice(a: GateAssignment, b: GateAssignment): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.weight !== b.weight) return b.weight - a.weight;
  return a.aiProviderId < b.aiProviderId ? -1 : a.aiProviderId > b.aiProviderId ? 1 : 0;
}

/** The refusal for a workspace that has no usable key of these providers; names provider, workspace and each unusable key. */
export function noKeyRefusal(
  state: GateState,
  catalogue: Catalogue,
  slugs: readonly string[],
  now: Date,
): Refusal {
  const workspace = state.workspace?.name ?? '';
  const names = slugs.map((slug) => catalogue.provider(slug)?.name ?? slug);
  const unusable = state.assignments
    .filter((assignment) => slugs.length === 0 || slugs.includes(assignment.provider))
    .map(
      (assignment) =>
        [assignment, unusableBecause(assignment, catalogue.provider(assignment.provider), now)] as const,
    )
    .filter(([, why]) => why !== null)
    .map(([assignment, why]) => `The key "${assignment.name}" (${assignment.aiProviderId}) ${why}.`);
  const what = names.length > 0 ? `usable ${names.join(' or ')} key` : 'usable provider key';
  const next =
    unusable.length > 0
      ? unusable.join(' ')
      : `An OWNER can assign one of the organization’s keys to it under Settings → Workspaces → ${workspace}, or add one under Settings → AI Providers first.`;
  return {
    code: 'no_provider_key',
    detail: `Workspace "${workspace}" has no ${what}. ${next}`,
    extras: { provider: slugs[0] ?? null, workspaceId: state.workspace?.id ?? null },
  };
}

/** The refusal for providers whose organization gate is off. */
export function disabledRefusal(catalogue: Catalogue, slugs: readonly string[]): Refusal {
  const names = slugs.map((slug) => catalogue.provider(slug)?.name ?? slug).join(' and ');
  return {
    code: 'provider_disabled',
    detail: `${names} ${slugs.length > 1 ? 'are' : 'is'} switched off for this organization, whatever keys exist. An OWNER can switch it on under Settings → AI Providers.`,
    extras: { provider: slugs[0] ?? null },
  };
}

/** The refusal for providers that the operator switched off for everybody. */
export function switchedOffRefusal(catalogue: Catalogue, slugs: readonly string[]): Refusal {
  const names = slugs.map((slug) => catalogue.provider(slug)?.name ?? slug).join(' and ');
  return {
    code: 'provider_disabled',
    detail: `${names} ${slugs.length > 1 ? 'are' : 'is'} switched off by the platform operator, for every organization and whatever keys exist. Only the operator can switch it on again (PUT /api/v1/platform/providers/:slug).`,
    extras: { provider: slugs[0] ?? null, scope: 'platform' },
  };
}
