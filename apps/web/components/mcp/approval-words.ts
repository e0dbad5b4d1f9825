import type { CallApproval, CallApprovers, McpServer } from '@/lib/api/types';

/** Whether calls to a server wait, as its form says it. */
export const APPROVAL_WORDS: Record<CallApproval, string> = {
  none: 'Made at once, unless an Agent node asks first',
  always: 'Each waits until somebody approves it',
};

/** Whose word counts for calls that wait. */
export const APPROVER_WORDS: Record<CallApprovers, string> = {
  anyone: 'Anyone who may, tokens included',
  people: 'People only: a token may reject, not approve',
};

/** Which calls wait, and for whose word where not anyone's will do. */
export function waitWords({ approval, approvers }: McpServer): string {
  const which = approval === 'always' ? 'Each call' : 'Where a node asks';
  return approvers === 'people' ? `${which}, by people` : which;
}
