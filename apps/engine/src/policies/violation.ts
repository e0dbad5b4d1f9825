import type { PolicyRefusal, ViolationAction } from '#lib/contracts';
import type { Caller } from '../access/caller.js';

/** Whose call it was, for the record. */
export interface RecordedCall {
  caller: Pick<Caller, 'orgId' | 'workspaceId' | 'actor'>;
  requestId: string;
}

/** One broken rule of one call, as `policy_violations` keeps it: names and numbers, nothing of what was said. */
export interface Violation {
  broken: PolicyRefusal;
  orgId: string;
  workspaceId: string;
  /** `usr_…` or `tok_…` */
  principalId: string;
  /** null for a call that was refused before it became a run. */
  runId: string | null;
  requestId: string;
  action: ViolationAction;
  at: Date;
}

/**
 * The receipt of a rule that this call broke. `refused`: the call ends by it; HIGH is told even where a rule only looks or redacts.
 */
export function violationOf(
  broken: PolicyRefusal,
  { caller, requestId }: RecordedCall,
  runId: string | null,
  at: Date,
  refused: boolean,
): Violation {
  return {
    broken,
    orgId: caller.orgId,
    workspaceId: caller.workspaceId,
    principalId: caller.actor,
    runId,
    requestId,
    action: refused ? 'blocked' : broken.severity === 'LOW' ? 'logged' : 'alerted',
    at,
  };
}
