import { addUse, NO_USE, quotaAmount, type QuotaUse } from '#lib/limits';
import type { QuotaMetric } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { UsageEntry } from '../metering/usage-entry.js';
import { insertUsage } from '../metering/insert-usage.js';
import { lockReservation } from './quota.store.js';

interface HoldRow {
  quota_id: string;
  window_start: string;
  amount: number;
  metric: QuotaMetric;
  /** Of a quota of one key: only what that key's calls used counts. */
  provider_key_id: string | null;
}

/**
 * The end of a run that held something: its receipts, and what they say taken off its counters, in one transaction. A run that was
 * charged meanwhile is corrected: the receipt of unknown use gives way to the true ones. A second settlement changes nothing.
 */
export function settleRun(tx: TenantPg, runId: string, calls: readonly UsageEntry[]): Promise<void> {
  return close(tx, runId, calls, (hold) => usedOf(hold, calls));
}

/** Gives back what a run held that never began: it counts as no run either. It may have been charged meanwhile. */
export function releaseRun(tx: TenantPg, runId: string): Promise<void> {
  return close(tx, runId, [], () => 0);
}

async function close(
  tx: TenantPg,
  runId: string,
  calls: readonly UsageEntry[],
  usedBy: (hold: HoldRow) => number,
): Promise<void> {
  const held = await lockReservation(tx, runId);
  if (!held) return;
  if (held.isCharged) await tx.query('SELECT lookup.drop_unknown_receipt($1)', [toUuid(runId)]);
  if (calls.length > 0) await insertUsage(tx, tx.orgId, calls);
  const holds = await holdsOf(tx, runId);
  await tx.query('DELETE FROM quota_reservations WHERE run_id = $1', [toUuid(runId)]);
  const moves = holds.map((hold): Move => {
    const used = usedBy(hold);
    return held.isCharged
      ? { hold, released: 0, settled: used - hold.amount }
      : { hold, released: hold.amount, settled: used };
  });
  await moveAll(tx, moves);
}

/** A reservation that nobody settled: what it held is charged, with a receipt of unknown use. False: somebody was faster. */
export async function chargeRun(tx: TenantPg, runId: string, receiptId: string): Promise<boolean> {
  const held = await lockReservation(tx, runId);
  if (!held || held.isCharged) return false;
  await tx.query(
    `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id, user_id,
       workflow_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, price)
     SELECT r.org_id, $2, r.run_id, a.workspace_id, r.provider_key_id, r.key_version, r.provider, r.model, a.principal_id, a.user_id,
       a.workflow_id, 'unknown', r.input_tokens, r.output_tokens, 0, 0, r.cost_micro_usd, r.price
     FROM quota_reservations r JOIN agent_runs a ON a.org_id = r.org_id AND a.id = r.run_id WHERE r.run_id = $1`,
    [toUuid(runId), receiptId],
  );
  await tx.query('UPDATE quota_reservations SET charged_at = clock_timestamp() WHERE run_id = $1', [
    toUuid(runId),
  ]);
  const holds = await holdsOf(tx, runId);
  await moveAll(
    tx,
    holds.map((hold) => ({ hold, released: hold.amount, settled: hold.amount })),
  );
  return true;
}

interface Move {
  hold: HoldRow;
  /** Off `reserved`. */
  released: number;
  /** Onto `settled`; negative where less was used than was charged. */
  settled: number;
}

/** One statement, and the last one: counters are what calls wait for. Locked in the order in which reservations take them. */
async function moveAll(tx: TenantPg, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.query(
    `WITH m AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[]) AS m (quota_id, start, released, used)),
     locked AS MATERIALIZED (
       SELECT c.org_id, c.quota_id, c.window_start, m.released, m.used
       FROM quota_counters c JOIN m ON m.quota_id = c.quota_id AND m.start = c.window_start
       ORDER BY c.quota_id, c.window_start FOR UPDATE OF c)
     UPDATE quota_counters c SET reserved = c.reserved - l.released, settled = c.settled + l.used FROM locked l
     WHERE c.org_id = l.org_id AND c.quota_id = l.quota_id AND c.window_start = l.window_start`,
    [
      moves.map(({ hold }) => hold.quota_id),
      moves.map(({ hold }) => hold.window_start),
      moves.map(({ released }) => released),
      moves.map(({ settled }) => settled),
    ],
  );
}

/** In the order in which reservations take them. */
async function holdsOf(tx: TenantPg, runId: string): Promise<HoldRow[]> {
  const { rows } = await tx.query<HoldRow>(
    `SELECT h.quota_id::text, h.window_start::text, h.amount::float AS amount, q.metric, q.provider_key_id::text
     FROM quota_holds h JOIN quotas q ON q.org_id = h.org_id AND q.id = h.quota_id WHERE h.run_id = $1 ORDER BY h.quota_id`,
    [toUuid(runId)],
  );
  return rows;
}

/** What the calls of a run used of one quota. */
function usedOf({ metric, provider_key_id, amount }: HoldRow, all: readonly UsageEntry[]): number {
  // One, and none for a run that goes on after its caller was waited for.
  if (metric === 'runs') return amount;
  const calls = all.filter(
    (call) => provider_key_id === null || toUuid(call.aiProviderId) === provider_key_id,
  );
  return metric === 'cost_micro_usd'
    ? knownCost(calls)
    : quotaAmount(metric, calls.map(useOf).reduce(addUse, NO_USE));
}

function useOf({ tokens: { inputTokens, outputTokens }, costMicroUsd }: UsageEntry): QuotaUse {
  return { inputTokens, outputTokens, costMicroUsd };
}

/** As the receipts add up: one without a price adds nothing, and takes nothing from the others. */
function knownCost(calls: readonly UsageEntry[]): number {
  return calls.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0);
}
