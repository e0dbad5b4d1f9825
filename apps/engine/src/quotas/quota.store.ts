import { Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import type { Hold, QuotaClaim } from './call-budget.js';
import { refusalOf, type FullQuotaRow } from './quota-refusal.js';
import { takeInto } from './take.js';

/** The key and model that what is held is for: those of the receipt, should nobody say what became of it. */
export interface Holder {
  aiProviderId: string;
  keyVersion: number;
  provider: string;
  model: string;
  price: object | null;
}

/** With which key, and until when, a run holds something. */
export interface NewReservation extends Holder {
  runId: string;
  /** From now on, in milliseconds; then it is charged whatever became of it. */
  livesMs: number;
  hold: Hold;
}

const TAKE = takeInto('reserved');

/** The counters, reservations and holds of quotas; each statement inside its tenant. */
@Injectable()
export class QuotaStore {
  constructor(private readonly pool: PgPool) {}

  /** Reserves what a new run may use, in the transaction that makes its row: all of it or nothing. One statement. */
  async reserve(tx: TenantPg, reservation: NewReservation): Promise<void> {
    const { hold, runId, aiProviderId, keyVersion, provider, model, price, livesMs } = reservation;
    const { inputTokens, outputTokens, costMicroUsd } = hold.use;
    const { rows } = await tx.query<{ quota_id: string; fits: boolean }>(
      `WITH ${TAKE},
       kept AS (
         INSERT INTO quota_reservations (org_id, run_id, provider_key_id, key_version, provider, model, price, input_tokens,
           output_tokens, cost_micro_usd, expires_at)
         VALUES ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, clock_timestamp() + $13 * interval '1 millisecond')
         RETURNING run_id),
       held AS (
         INSERT INTO quota_holds (org_id, run_id, quota_id, window_start, amount)
         SELECT l.org_id, k.run_id, l.quota_id, l.window_start, l.amount FROM lines l, kept k)
       SELECT l.quota_id::text, t.quota_id IS NOT NULL AS fits FROM lines l LEFT JOIN taken t ON t.quota_id = l.quota_id`,
      [
        ...claimed(hold.claims),
        ...[toUuid(tx.orgId), toUuid(runId), toUuid(aiProviderId), keyVersion, provider, model],
        price && JSON.stringify(price),
        ...[inputTokens, outputTokens, costMicroUsd, livesMs],
      ],
    );
    await this.assertFits(tx, hold.claims, rows);
  }

  /**
   * Makes a run under way hold so much in place of what it held, with this key. What it held of a quota that is not claimed any more stays:
   * the key before may have used it. @throws ClavigerError quota_exceeded, budget_exceeded, overloaded
   */
  async extend(orgId: string, runId: string, hold: Hold, holder: Holder): Promise<void> {
    await withTenantPg(this.pool, orgId, async (tx) => {
      const held = await lockReservation(tx, runId);
      if (!held || held.isCharged) throw givenUp();
      const { inputTokens, outputTokens, costMicroUsd } = hold.use;
      const { aiProviderId, keyVersion, provider, model, price } = holder;
      await tx.query(
        `UPDATE quota_reservations SET input_tokens = $2, output_tokens = $3, cost_micro_usd = $4, provider_key_id = $5,
           key_version = $6, provider = $7, model = $8, price = $9 WHERE run_id = $1`,
        [
          ...[toUuid(runId), inputTokens, outputTokens, costMicroUsd, toUuid(aiProviderId)],
          ...[keyVersion, provider, model, price && JSON.stringify(price)],
        ],
      );
      const { rows } = await tx.query<{ quota_id: string; window_start: string; amount: string }>(
        'SELECT quota_id::text, window_start::text, amount FROM quota_holds WHERE run_id = $1',
        [toUuid(runId)],
      );
      const holds = new Map(rows.map((row) => [row.quota_id, row]));
      const wanted = hold.claims.map((claim) => ({ ...claim, id: toUuid(claim.quotaId) }));
      // In the order of ids, like every other taking.
      for (const claim of wanted.sort((a, b) => (a.id < b.id ? -1 : 1))) {
        const row = holds.get(claim.id);
        if (row) await this.#hold(tx, runId, row, claim.amount - Number(row.amount));
        else await this.#take(tx, runId, claim);
      }
    });
  }

  /** So much more, or less, of a quota that the run holds something of. */
  async #hold(
    tx: TenantPg,
    runId: string,
    { quota_id, window_start }: { quota_id: string; window_start: string },
    more: number,
  ): Promise<void> {
    if (more === 0) return;
    const { rowCount } = await tx.query(
      `UPDATE quota_counters c SET reserved = c.reserved + $3::bigint FROM quotas q
       WHERE c.quota_id = $1 AND c.window_start = $2::timestamptz AND q.org_id = c.org_id AND q.id = c.quota_id
         AND ($3::bigint < 0 OR q.mode = 'monitor' OR c.reserved + c.settled + $3::bigint <= q.max)`,
      [quota_id, window_start, more],
    );
    if (rowCount === 0) await this.#refuse(tx, [{ id: quota_id, needed: more }]);
    await tx.query('UPDATE quota_holds SET amount = amount + $3 WHERE run_id = $1 AND quota_id = $2', [
      toUuid(runId),
      quota_id,
      more,
    ]);
  }

  /** The first of a quota that only the key covers with which the run goes on. */
  async #take(tx: TenantPg, runId: string, claim: QuotaClaim): Promise<void> {
    const { rows } = await tx.query<{ quota_id: string; fits: boolean }>(
      `WITH ${TAKE},
       held AS (
         INSERT INTO quota_holds (org_id, run_id, quota_id, window_start, amount)
         SELECT l.org_id, $3, l.quota_id, l.window_start, l.amount FROM lines l)
       SELECT l.quota_id::text, t.quota_id IS NOT NULL AS fits FROM lines l LEFT JOIN taken t ON t.quota_id = l.quota_id`,
      [...claimed([claim]), toUuid(runId)],
    );
    await this.assertFits(tx, [claim], rows);
  }

  /** Throws what the full ones of the quotas say that were asked. @throws ClavigerError quota_exceeded, budget_exceeded */
  async assertFits(
    tx: TenantPg,
    claims: QuotaClaim[],
    rows: { quota_id: string; fits: boolean }[],
  ): Promise<void> {
    const full = rows.filter(({ fits }) => !fits).map(({ quota_id }) => quota_id);
    if (full.length === 0) return;
    const needed = new Map(claims.map(({ quotaId, amount }) => [toUuid(quotaId), amount]));
    await this.#refuse(
      tx,
      full.map((id) => ({ id, needed: needed.get(id) ?? 0 })),
    );
  }

  /** Throws what the full quotas say, and notes of each once in its window that a call was refused. */
  async #refuse(tx: TenantPg, full: { id: string; needed: number }[]): Promise<never> {
    const { rows } = await tx.query<FullQuotaRow>(
      `SELECT q.org_id::text, q.id::text, q.name, q.workspace_id::text, q.token_id::text, q.provider_key_id::text, q.metric, q.period,
         q.max, a.needed, coalesce(c.settled, 0) AS settled, coalesce(c.reserved, 0) AS reserved, c.refused_at IS NOT NULL AS told,
         ceil(extract(epoch FROM (w.start + ('1 ' || q.period)::interval) AT TIME ZONE 'UTC' - now()))::int AS retry_after
       FROM unnest($1::uuid[], $2::bigint[]) AS a (id, needed)
       JOIN quotas q ON q.id = a.id
       CROSS JOIN LATERAL (SELECT date_trunc(q.period, now() AT TIME ZONE 'UTC') AS start) w
       LEFT JOIN quota_counters c ON c.org_id = q.org_id AND c.quota_id = q.id AND c.window_start = w.start AT TIME ZONE 'UTC'`,
      [full.map(({ id }) => id), full.map(({ needed }) => needed)],
    );
    const untold = rows.filter(({ told }) => !told).map(({ id }) => id);
    if (untold.length > 0) void this.#note(tx.orgId, untold).catch(() => undefined);
    throw rows.length > 0 ? refusalOf(rows) : givenUp();
  }

  /** In a transaction of its own: the refused one is undone. A note that is lost is made by the next refusal. */
  async #note(orgId: string, quotaIds: string[]): Promise<void> {
    await withTenantPg(this.pool, orgId, (tx) =>
      tx.query(
        `INSERT INTO quota_counters AS c (org_id, quota_id, window_start, refused_at)
         SELECT q.org_id, q.id, date_trunc(q.period, now(), 'UTC'), now() FROM quotas q WHERE q.id = ANY ($1::uuid[]) ORDER BY q.id
         ON CONFLICT (org_id, quota_id, window_start) DO UPDATE SET refused_at = excluded.refused_at WHERE c.refused_at IS NULL`,
        [quotaIds],
      ),
    );
  }
}

/** What is known of a run's reservation, which waits for this transaction then; null: there is none (any more). */
export async function lockReservation(tx: TenantPg, runId: string): Promise<{ isCharged: boolean } | null> {
  const { rows } = await tx.query<{ charged: boolean }>(
    'SELECT charged_at IS NOT NULL AS charged FROM quota_reservations WHERE run_id = $1 FOR UPDATE',
    [toUuid(runId)],
  );
  return rows[0] ? { isCharged: rows[0].charged } : null;
}

function claimed(claims: QuotaClaim[]): [string[], number[]] {
  return [claims.map(({ quotaId }) => toUuid(quotaId)), claims.map(({ amount }) => amount)];
}

function givenUp(): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'What this run had reserved of its quotas was given up: the engine had lost sight of it for too long. Start it again under another nodeExecutionId.',
    { extras: { retryAfterSeconds: 2 } },
  );
}
