import { Injectable } from '@nestjs/common';
import { isId } from '#lib/kernel';
import { appendAuditPg, Lookups, PgPool, withTenantPg } from '#lib/persistence';
import { insertUnbegun } from './insert-unbegun.js';
import { insertUsage } from './insert-usage.js';
import { updateKeys } from './key-updates.js';
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
        const unwritten = usage.filter(({ isWritten }) => !isWritten);
        await insertUnbegun(tx, orgId, unwritten);
        if (unwritten.length > 0) await insertUsage(tx, orgId, unwritten);
        await updateKeys(tx, orgId, usage);
      }
      if (receipts.length > 0) await appendAuditPg(tx, auditOf(orgId, receipts));
    });
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
