import { newUuid, toUuid } from '#lib/kernel';
import { withSuperuser } from './members.js';
import type { Person } from './person.js';
import type { TestApi } from './test-api.js';

export interface Receipt {
  model?: string;
  outcome?: string;
  workflowId?: string;
  inputTokens?: number;
  costMicroUsd?: number | null;
  at?: string;
}

/** A run of the owner's workspace with this key, as the engine leaves it behind. */
export async function addReceipt(
  api: TestApi,
  owner: Person,
  keyId: string,
  receipt: Receipt = {},
): Promise<void> {
  const { model = 'gpt-4.1', outcome = 'ok', inputTokens = 10, costMicroUsd = 5 } = receipt;
  const [org, run, workspace] = [toUuid(owner.orgId), newUuid(), toUuid(owner.workspaceId)];
  const at = receipt.at ?? new Date().toISOString();
  await withSuperuser(api, async (pool) => {
    await pool.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
       VALUES ($1, $2, $3, $4, '\\x00', $5, 'succeeded')`,
      [org, run, workspace, run, owner.userId],
    );
    await pool.query(
      `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
         principal_id, workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens,
         cost_micro_usd, created_at)
       VALUES ($1, $2, $3, $4, $5, 1, 'openai', $6, $7, $8, $9, $10, 3, 2, 1, $11, $12)`,
      [
        ...[org, newUuid(), run, workspace, toUuid(keyId), model, owner.userId, receipt.workflowId ?? null],
        ...[outcome, inputTokens, costMicroUsd, at],
      ],
    );
  });
}
