import { Injectable } from '@nestjs/common';
import { isId, newUuid, toUuid } from '#lib/kernel';
import { appendAuditPg, Lookups, PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import { keyOutcomes } from './key-outcomes.js';
import { receiptDigest } from './receipt-digest.js';
import type { RunReceipt, UsageEntry } from './usage-entry.js';

/** Writes what one organization's calls used, in one transaction: receipts, what they say about the keys, and the audit row. */
@Injectable()
export class MeteringStore {
  constructor(
    private readonly pool: PgPool,
    private readonly lookups: Lookups,
  ) {}

  /** Notes that these callers' tokens were used. */
  async touch(orgId: string, actors: Iterable<string>): Promise<void> {
    for (const actor of actors) if (isId('tok', actor)) await this.lookups.touchToken(orgId, actor);
  }

  write(orgId: string, usage: UsageEntry[], receipts: RunReceipt[]): Promise<void> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      if (usage.length > 0) {
        await insertUsage(tx, orgId, usage);
        await updateKeys(tx, usage);
      }
      if (receipts.length > 0) await appendAuditPg(tx, auditOf(orgId, receipts));
    });
  }
}

async function insertUsage(tx: TenantPg, orgId: string, entries: UsageEntry[]): Promise<void> {
  const column = <T>(pick: (entry: UsageEntry) => T): T[] => entries.map(pick);
  await tx.query(
    `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
       user_id, workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, created_at)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::text[], $13::int[], $14::int[], $15::int[], $16::int[], $17::bigint[], $18::timestamptz[])`,
    [
      toUuid(orgId),
      column(() => newUuid()),
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
    ],
  );
}

/** Advisory columns only, and no revision: using a key is not changing it. Keys in the order of their ids, so that two flushes cannot deadlock. */
async function updateKeys(tx: TenantPg, entries: UsageEntry[]): Promise<void> {
  for (const outcome of keyOutcomes(entries).sort((a, b) => (a.aiProviderId < b.aiProviderId ? -1 : 1))) {
    await tx.query(
      `UPDATE provider_keys SET last_used_at = greatest(last_used_at, $2::timestamptz),
         refused_in_a_row = CASE WHEN $3 THEN 0 ELSE refused_in_a_row END + $4
       WHERE id = $1`,
      [toUuid(outcome.aiProviderId), outcome.lastUsedAt.toISOString(), outcome.reset, outcome.refusals],
    );
  }
}

function auditOf(orgId: string, receipts: RunReceipt[]) {
  const first = receipts[0]!;
  return {
    orgId,
    actor: 'system',
    action: 'agentRuns.Batch',
    target: orgId,
    requestId: first.requestId,
    ip: null,
    change: {
      runs: receipts.map((receipt) => receipt.runId),
      count: receipts.length,
      digest: receiptDigest(receipts),
    },
  };
}
