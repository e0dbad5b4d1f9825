import { toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';

/** What the counters of an organization's quotas say, beside what its receipts add up to. */
export interface QuotaBooks {
  name: string;
  metric: string;
  max: number;
  reserved: number;
  settled: number;
  /** By receipts and runs alone, each in the window in which its run began. */
  ledger: number;
}

/** Reads both sides in one statement of its own, which shares nothing with the engine's. */
export async function readBooks(superuser: PgPool, orgId: string): Promise<QuotaBooks[]> {
  const { rows } = await superuser.query<QuotaBooks>(
    `SELECT q.name, q.metric, q.max::float AS max, c.reserved::float AS reserved, c.settled::float AS settled, l.ledger::float AS ledger
     FROM quota_counters c JOIN quotas q ON q.org_id = c.org_id AND q.id = c.quota_id
     CROSS JOIN LATERAL (
       SELECT CASE q.metric WHEN 'runs' THEN count(DISTINCT a.id) WHEN 'input_tokens' THEN coalesce(sum(u.input_tokens), 0)
         WHEN 'output_tokens' THEN coalesce(sum(u.output_tokens), 0)
         WHEN 'total_tokens' THEN coalesce(sum(u.input_tokens + u.output_tokens), 0)
         ELSE coalesce(sum(u.cost_micro_usd), 0) END AS ledger
       FROM agent_runs a LEFT JOIN usage_records u ON u.org_id = a.org_id AND u.run_id = a.id
       WHERE a.org_id = q.org_id AND a.started_at >= c.window_start
         AND a.started_at < (c.window_start AT TIME ZONE 'UTC' + ('1 ' || q.period)::interval) AT TIME ZONE 'UTC'
         AND (q.workspace_id IS NULL OR a.workspace_id = q.workspace_id)
         AND (q.provider_key_id IS NULL OR u.provider_key_id = q.provider_key_id)) l
     WHERE c.org_id = $1 ORDER BY q.name, c.window_start`,
    [toUuid(orgId)],
  );
  return rows;
}

/** Looks at the counters all along, over a connection of its own, and keeps every sight that should not be. */
export class QuotaWatch {
  readonly faults: string[] = [];
  looks = 0;
  /** The most that was reserved and settled together, by name of quota. */
  readonly highest = new Map<string, number>();
  #stopped = false;
  readonly #watching: Promise<void>;

  constructor(
    private readonly superuser: PgPool,
    private readonly orgId: string,
  ) {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const { rows } = await this.superuser.query<{
        name: string;
        max: number;
        taken: number;
        reserved: number;
        held: number;
      }>(
        `SELECT q.name, q.max::float AS max, (c.reserved + c.settled)::float AS taken, c.reserved::float AS reserved,
           (SELECT coalesce(sum(h.amount), 0) FROM quota_holds h JOIN quota_reservations r ON r.org_id = h.org_id AND r.run_id = h.run_id
            WHERE h.org_id = c.org_id AND h.quota_id = c.quota_id AND h.window_start = c.window_start AND r.charged_at IS NULL)::float AS held
         FROM quota_counters c JOIN quotas q ON q.org_id = c.org_id AND q.id = c.quota_id WHERE c.org_id = $1`,
        [toUuid(this.orgId)],
      );
      this.looks += 1;
      for (const { name, max, taken, reserved, held } of rows) {
        this.highest.set(name, Math.max(taken, this.highest.get(name) ?? 0));
        if (taken > max) this.faults.push(`${name}: ${taken} of ${max}`);
        if (reserved !== held) this.faults.push(`${name}: ${reserved} reserved, ${held} held`);
      }
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }
}
