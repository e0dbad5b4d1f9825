import type { RunAnswer } from './api/types';

interface WaitingCall {
  toolCallId: string;
  name: string;
  input: unknown;
}

/** A call that is made when somebody says so. */
export type AwaitedApproval = WaitingCall & { id: string; expiresAt: string };

/** What a paused run waits for: outputs of its caller's own tools, and words on calls that ask first. */
export interface Waiting {
  outputs: WaitingCall[];
  approvals: AwaitedApproval[];
}

export function waitingFor({ requiredAction }: RunAnswer): Waiting {
  return {
    outputs: listIn<WaitingCall>(requiredAction?.['toolCalls']),
    approvals: listIn<AwaitedApproval>(requiredAction?.['approvals']),
  };
}

function listIn<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
