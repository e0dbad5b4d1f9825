import { newUuid, toUuid } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { CallOutcome, UsageEntry } from './usage-entry.js';

/** A receipt as it is written; `unknown`: charged, and nobody has said yet what it used. */
export type ReceiptRow = Omit<UsageEntry, 'outcome'> & { outcome: CallOutcome | 'unknown'; id?: string };

/** Receipts as rows, each with the price that it was made with (PRODUCT #53). */
export async function insertUsage(
  tx: TenantPg,
  orgId: string,
  entries: readonly ReceiptRow[],
): Promise<void> {
  const column = <T>(pick: (entry: ReceiptRow) => T): T[] => entries.map(pick);
  await tx.query(
    `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
       user_id, workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, created_at,
       price, purpose)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::text[], $13::int[], $14::int[], $15::int[], $16::int[], $17::bigint[], $18::timestamptz[], $19::jsonb[], $20::text[])`,
    [
      toUuid(orgId),
      column(({ id }) => id ?? newUuid()),
      column((entry) => toUuid(entry.runId)),
      column((entry) => toUuid(entry.workspaceId)),
      column((entry) => toUuid(entry.aiProviderId)),
      column((entry) => entry.keyVersion),
      column((entry) => entry.provider),
      column((entry) => entry.model),
      column((entry) => entry.principalId),
      column((entry) => entry.userId),
      column((entry) => entry.workflowId),
      column((entry) => entry.outcome),
      column((entry) => entry.tokens.inputTokens),
      column((entry) => entry.tokens.outputTokens),
      column((entry) => entry.tokens.cachedInputTokens),
      column((entry) => entry.tokens.reasoningTokens),
      column((entry) => entry.costMicroUsd),
      column((entry) => entry.at.toISOString()),
      column(({ price }) => (price ? JSON.stringify(price) : null)),
      column((entry) => entry.purpose),
    ],
  );
}
