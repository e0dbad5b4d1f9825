import { Injectable } from '@nestjs/common';
import { PgPool } from './pg/pg-pool.js';

/** How long what calls used is kept, in days. */
export interface UsageRetention {
  /** Receipts of organizations whose plan shows all of its history; null: for ever. */
  receiptDays: number | null;
  /** Sums by the minute. */
  minuteDays: number;
  /** Rows of runs that no receipt names any more; null: for ever. */
  runDays: number | null;
}

/** The worker's way to receipts and to what they add up to, over tenants (ADR 0038). */
@Injectable()
export class UsageStore {
  constructor(private readonly pool: PgPool) {}

  /**
   * Adds at most `limit` receipts to the sums of their days and minutes, each once, and answers how many; fewer than `limit`: there are
   * no more, or another worker is at it.
   */
  async rollUp(limit: number, { minuteDays }: UsageRetention): Promise<number> {
    return this.#count('SELECT lookup.roll_up_usage($1, $2) AS n', [limit, minuteDays]);
  }

  /** Removes at most `limit` receipts that are in the sums and have had their time, and answers how many. */
  async retireReceipts(limit: number, { receiptDays }: UsageRetention): Promise<number> {
    return this.#count('SELECT lookup.retire_receipts($1, $2) AS n', [receiptDays, limit]);
  }

  /** Removes at most `limit` runs that ended long ago and that no receipt names, and answers how many. */
  async retireRuns(limit: number, { runDays }: UsageRetention): Promise<number> {
    if (runDays === null) return 0;
    return this.#count('SELECT lookup.retire_runs($1, $2) AS n', [runDays, limit]);
  }

  /** Drops the months of minutes that have had their time, and answers how many. Throws `overloaded` while somebody reads them. */
  async forgetMinutes({ minuteDays }: UsageRetention): Promise<number> {
    return this.#count('SELECT usage_minutes_forget($1) AS n', [minuteDays]);
  }

  async #count(sql: string, values: unknown[]): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(sql, values);
    return rows[0]?.n ?? 0;
  }
}
