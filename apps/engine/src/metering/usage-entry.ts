import type { TokenUse } from '../pipeline/cost.js';

/** What happened to one upstream call, for receipts and for the key's state. */
export type CallOutcome = 'ok' | 'failed' | 'refused' | 'aborted';

/** One upstream call, as `usage_records` keeps it. */
export interface UsageEntry {
  orgId: string;
  runId: string;
  workspaceId: string;
  aiProviderId: string;
  keyVersion: number;
  provider: string;
  model: string;
  principalId: string;
  userId: string | null;
  workflowId: string | null;
  /** `refused`: the upstream rejected the key itself. */
  outcome: CallOutcome;
  tokens: TokenUse;
  costMicroUsd: number | null;
  at: Date;
}

/** One finished run, for the audit chain. */
export interface RunReceipt {
  orgId: string;
  runId: string;
  principalId: string;
  workspaceId: string;
  status: string;
  code: string | null;
  aiProviderId: string | null;
  keyVersion: number | null;
  requestId: string;
  at: Date;
}
