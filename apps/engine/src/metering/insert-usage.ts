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
  await tx.query(
    `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
       user_id, workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, created_at,
       price, purpose)
     SELECT $1, r.* FROM json_to_recordset($2::json) AS r (id uuid, run uuid, workspace uuid, key uuid, version int, provider text,
       model text, principal text, "user" text, workflow text, outcome text, input int, output int, cached int, reasoning int,
       cost bigint, at timestamptz, price jsonb, purpose text)`,
    // One document: a list for each column would be escaped value by value.
    [toUuid(orgId), JSON.stringify(entries.map(rowOf))],
  );
}

function rowOf(entry: ReceiptRow): object {
  const { aiProviderId, keyVersion, provider, model, principalId, userId, workflowId, tokens } = entry;
  return {
    id: entry.id ?? newUuid(),
    run: toUuid(entry.runId),
    workspace: toUuid(entry.workspaceId),
    key: toUuid(aiProviderId),
    version: keyVersion,
    ...{ provider, model, principal: principalId, user: userId, workflow: workflowId },
    outcome: entry.outcome,
    input: tokens.inputTokens,
    output: tokens.outputTokens,
    cached: tokens.cachedInputTokens,
    reasoning: tokens.reasoningTokens,
    cost: entry.costMicroUsd,
    at: entry.at,
    price: entry.price ?? null,
    purpose: entry.purpose,
  };
}
