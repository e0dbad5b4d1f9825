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

/** Both, as one row says it. */
export function callWords({ approval, approvers }: McpServer): string {
  if (approval === 'always')
    return approvers === 'people' ? 'Each waits for a person' : 'Each waits for a word';
  return approvers === 'people' ? 'Where a node asks, for a person' : 'Where a node asks';
}
