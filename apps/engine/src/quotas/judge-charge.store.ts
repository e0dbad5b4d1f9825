import { Injectable } from '@nestjs/common';
import { quotaAmount, type QuotaUse } from '#lib/limits';
import type { QuotaMetric, StateQuota } from '#lib/contracts';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import { insertUsage, type ReceiptRow } from '../metering/insert-usage.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import { QuotaStore } from './quota.store.js';
import { takeInto } from './take.js';

const TAKE = takeInto('settled');

/** What was charged for a question before it was asked, until it is known what it used. */
export interface JudgeCharge {
  orgId: string;
  receiptId: string;
  lines: ChargedLine[];
}

interface ChargedLine {
  quotaId: string;
  metric: QuotaMetric;
  windowStart: string;
  amount: number;
}

/** What a question is charged for: its receipt of unknown use, and the quotas that cover its caller. */
export interface JudgeCost {
  worst: Omit<ReceiptRow, 'id' | 'outcome'>;
  quotas: readonly StateQuota[];
}

/**
 * What judges use of quotas and budgets. A question is short, so nothing is held for it: its worst case is settled at once, with a
 * receipt of unknown use, and corrected when it is answered. Where a process dies between both, receipts and counters agree.
 */
@Injectable()
export class JudgeChargeStore {
  constructor(
    private readonly pool: PgPool,
    private readonly store: QuotaStore,
  ) {}

  /**
   * Charges the worst case against every quota that covers caller or key; null where none does. All of it or nothing.
   * @throws ClavigerError quota_exceeded, budget_exceeded
   */
  charge({ worst, quotas }: JudgeCost): Promise<JudgeCharge | null> {
    const { orgId, aiProviderId } = worst;
    return withTenantPg(this.pool, orgId, async (tx) => {
      const covering = [
        ...quotas.filter(({ scope }) => scope.type !== 'key').map(lineOf),
        ...(await ofKey(tx, aiProviderId)),
      ];
      // A run is one run, whoever judges it.
      const counted = covering.filter(({ metric }) => metric !== 'runs');
      if (counted.length === 0) return null;
      const use = useOf(worst);
      const claims = counted.map(({ id, metric }) => ({ quotaId: id, amount: quotaAmount(metric, use) }));
      const { rows } = await tx.query<{ quota_id: string; window_start: string; fits: boolean }>(
        `WITH ${TAKE}
         SELECT l.quota_id::text, l.window_start::text, t.quota_id IS NOT NULL AS fits
         FROM lines l LEFT JOIN taken t ON t.quota_id = l.quota_id`,
        [claims.map(({ quotaId }) => toUuid(quotaId)), claims.map(({ amount }) => amount)],
      );
      await this.store.assertFits(tx, claims, rows);
      const receiptId = newUuid();
      await insertUsage(tx, orgId, [{ ...worst, id: receiptId, outcome: 'unknown' }]);
      const starts = new Map(rows.map((row) => [row.quota_id, row.window_start]));
      const lines = counted.flatMap(({ id, metric }) => {
        const windowStart = starts.get(toUuid(id));
        return windowStart ? [{ quotaId: id, metric, windowStart, amount: quotaAmount(metric, use) }] : [];
      });
      return { orgId, receiptId, lines };
    });
  }

  /** What it really used, in place of what it was charged; without `entry` nothing was sent. A second time changes nothing. */
  async correct({ orgId, receiptId, lines }: JudgeCharge, entry: UsageEntry | undefined): Promise<void> {
    await withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ dropped: number }>(
        'SELECT lookup.drop_judge_receipt($1) AS dropped',
        [receiptId],
      );
      if (rows[0]?.dropped !== 1) return;
      if (entry) await insertUsage(tx, orgId, [entry]);
      const used = entry && useOf(entry);
      // In the order of ids, like every other taking.
      const moves = lines
        .map(({ quotaId, metric, windowStart, amount }) => {
          const real = !used
            ? 0
            : metric === 'cost_micro_usd'
              ? (used.costMicroUsd ?? 0)
              : quotaAmount(metric, used);
          return { id: toUuid(quotaId), windowStart, by: real - amount };
        })
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const { id, windowStart, by } of moves) {
        await tx.query(
          'UPDATE quota_counters SET settled = greatest(0, settled + $3::bigint) WHERE quota_id = $1 AND window_start = $2::timestamptz',
          [id, windowStart, by],
        );
      }
    });
  }
}

function lineOf({ id, metric }: StateQuota): { id: string; metric: QuotaMetric } {
  return { id, metric };
}

/** The quotas of the judge's own key, which the caller's workspace need not have. */
async function ofKey(tx: TenantPg, aiProviderId: string): Promise<{ id: string; metric: QuotaMetric }[]> {
  const { rows } = await tx.query<{ id: string; metric: QuotaMetric }>(
    'SELECT id::text, metric FROM quotas WHERE provider_key_id = $1 ORDER BY id',
    [toUuid(aiProviderId)],
  );
  return rows.map(({ id, metric }) => ({ id: fromUuid('quo', id), metric }));
}

function useOf({ tokens, costMicroUsd }: Pick<UsageEntry, 'tokens' | 'costMicroUsd'>): QuotaUse {
  const { inputTokens, outputTokens } = tokens;
  return { inputTokens, outputTokens, costMicroUsd };
}
