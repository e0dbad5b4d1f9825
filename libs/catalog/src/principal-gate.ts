import { notFound } from '#lib/contracts';
import type { GateState, Refusal } from './gate-types.js';

/**
 * Whether this principal may run agents in this workspace now: presented and not revoked or expired, a member in good
 * standing, inside the token's wall, with the execute grant where the role doesn't bring it. Permission documents are
 * `access`'s business and come on top.
 */
export function principalRefusal(state: GateState, now: Date): Refusal | null {
  const { principal, workspace } = state;
  if (!principal)
    return unauthenticated(
      'What was presented is not valid (any more): a token ends with the membership of who issued it. ' +
        'Sign in again, or send another token; an OWNER or ADMIN can issue one under Settings → Tokens.',
    );
  const thing = principal.kind === 'session' ? 'session' : 'token';
  const renew =
    thing === 'session'
      ? 'Sign in again.'
      : 'An OWNER or ADMIN can issue another one under Settings → Tokens.';
  if (principal.revoked) return unauthenticated(`This ${thing} was revoked. ${renew}`);
  if (principal.expiresAt && principal.expiresAt <= now)
    return unauthenticated(`This ${thing} has expired. ${renew}`);
  if (!workspace || !state.org) return missing();
  if (principal.tokenWorkspaceId && principal.tokenWorkspaceId !== workspace.id) return missing();
  if (principal.memberStatus !== 'active' || !principal.role) {
    const who = thing === 'session' ? 'You are' : 'The member who owns this token is';
    return forbidden(
      `${who} not an active member of this organization. An OWNER can approve the membership under Settings → Members.`,
    );
  }
  if (principal.role === 'MEMBER' && !principal.grant?.canExecute) {
    const who = thing === 'session' ? 'You may' : 'The member who owns this token may';
    return forbidden(
      `${who} not run agents in workspace "${workspace.name}". An OWNER or ADMIN can switch on "may execute" for them ` +
        'under Settings → Workspaces.',
    );
  }
  return null;
}

function unauthenticated(detail: string): Refusal {
  return { code: 'unauthenticated', detail };
}

function forbidden(detail: string): Refusal {
  return { code: 'forbidden', detail };
}

/** The same answer as for an id that doesn't exist (PRODUCT #7). */
function missing(): Refusal {
  return { code: 'not_found', detail: notFound().message };
}

/** The refusal while a kill switch is on, the operator's over all or one of this organization, or null (PRODUCT #56). */
export function killSwitchRefusal({
  killSwitch,
  orgKillSwitch,
}: Pick<GateState, 'killSwitch' | 'orgKillSwitch'>): Refusal | null {
  if (killSwitch?.enabled)
    return switchedOff('All AI calls are switched off by the platform operator, who', killSwitch.reason);
  if (!orgKillSwitch) return null;
  const { by, reason } = orgKillSwitch;
  const who = by === 'operator' ? 'the platform operator, who' : 'an OWNER of it. An OWNER';
  return switchedOff(`All AI calls of this organization are switched off by ${who}`, reason);
}

function switchedOff(who: string, reason: string): Refusal {
  const because = reason ? ` Reason: ${reason}` : '';
  return { code: 'ai_disabled', detail: `${who} can switch them on again.${because}` };
}
