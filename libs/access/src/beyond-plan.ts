import { ClavigerError, type Permission } from '#lib/contracts';
import type { Principal } from './principal.js';

/** What a member may still do whom the plan has no room for: look, and stop what costs. A run's own gates come to it. */
const STILL = ['workspaces:ResolveModel', 'agentRuns:CreateAgentRun', 'agentRuns:CancelAgentRun'];

/** Throws plan_read_only when the member exceeds the plan's members and this would change something (ADR 0025). */
export function assertInPlan(principal: Principal, permission: Permission): void {
  if (!principal.beyondPlan || /:(List|Get|Read|Export)/.test(permission) || STILL.includes(permission))
    return;
  const who = principal.kind === 'token' ? 'The member who owns this token exceeds' : 'You exceed';
  throw new ClavigerError(
    'plan_read_only',
    `${who} the members that the organization’s plan allows, so you can look and change nothing. An OWNER can remove members ` +
      'under Members, or ask the operator of this Claviger installation for a larger plan.',
    { extras: { limit: 'members' } },
  );
}
