import type { ModelPrice, RetentionLevel } from '#lib/contracts';
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
  /** `judge`: a policy's question to its judge, made while the run went on. */
  purpose: 'call' | 'judge';
  /** `refused`: the upstream rejected the key itself. */
  outcome: CallOutcome;
  tokens: TokenUse;
  costMicroUsd: number | null;
  /** What it was charged at. */
  price?: ModelPrice | null;
  /** Whether its receipt is written with the end of its run: then only the key's health is left to the meter. */
  isWritten?: boolean;
  /** Of a call for which no limit had to be asked: its run is written, and its execution counted, with its receipt. */
  unbegun?: { retention: RetentionLevel } | undefined;
  /** Why the call was not a success, scrubbed; no message where a policy keeps no content. */
  fault?: { code: string; message: string | null } | null;
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
