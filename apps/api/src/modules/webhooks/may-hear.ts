import { can, documentCovers, forbidden, type Principal } from '#lib/access';
import type { Permission, WebhookEvent } from '#lib/contracts';

/** What a caller needs who could as well go and look. */
const NEEDS: readonly [prefix: string, permission: Permission][] = [
  ['run.', 'agentRuns:GetAgentRun'],
  ['ai-provider.', 'aiProviders:ListAiProviders'],
  ['policy.', 'policies:ListViolations'],
  ['quota.', 'quotas:ListQuotas'],
];

/**
 * Refuses to have events told to others by somebody who may not read about them: a token with a document for webhooks alone would
 * have runs sent to itself. Throws forbidden.
 */
export function assertMayHear(
  principal: Principal,
  events: readonly WebhookEvent[],
  workspaceId: string | null,
): void {
  for (const [prefix, permission] of NEEDS) {
    if (!events.some((event) => event.startsWith(prefix))) continue;
    // Of runs those of the workspace; of all else only who may read about all of it.
    const beside = prefix === 'run.' && workspaceId !== null ? [workspaceId] : [];
    const isCovered = documentCovers(principal, permission, {
      path: [],
      beside,
      lists: false,
      writes: false,
    });
    if (!can(principal, permission) || !isCovered) throw forbidden(permission, principal);
  }
}
