import { newId, toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { QuotaMetric, QuotaMode, QuotaWindow } from '#lib/contracts';

export interface QuotaInput {
  metric: QuotaMetric;
  max: number;
  window?: QuotaWindow;
  mode?: QuotaMode;
  workspaceId?: string;
  tokenId?: string;
  aiProviderId?: string;
  name?: string;
}

export interface Counter {
  reserved: number;
  settled: number;
}

/** Writes quotas as the control plane would, and reads their counters past every wall. */
export class Quotas {
  constructor(private readonly db: PgPool) {}

  async add(orgId: string, input: QuotaInput): Promise<string> {
    const id = newId('quo');
    const uuidOf = (value: string | undefined) => (value === undefined ? null : toUuid(value));
    await this.db.query(
      `INSERT INTO quotas (org_id, id, name, workspace_id, token_id, provider_key_id, metric, period, max, mode, thresholds)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{50,80,100}')`,
      [
        ...[toUuid(orgId), toUuid(id), input.name ?? id],
        ...[uuidOf(input.workspaceId), uuidOf(input.tokenId), uuidOf(input.aiProviderId)],
        ...[input.metric, input.window ?? 'month', input.max, input.mode ?? 'enforce'],
      ],
    );
    return id;
  }

  /** All windows of a quota together. */
  async counter(id: string): Promise<Counter> {
    const { rows } = await this.db.query<Counter>(
      `SELECT coalesce(sum(reserved), 0)::float AS reserved, coalesce(sum(settled), 0)::float AS settled
       FROM quota_counters WHERE quota_id = $1`,
      [toUuid(id)],
    );
    return rows[0]!;
  }

  /** What an organization's receipts add up to, by the receipts alone. */
  async receipts(orgId: string): Promise<{ runs: number; input: number; output: number; cost: number }> {
    const { rows } = await this.db.query<{ runs: number; input: number; output: number; cost: number }>(
      `SELECT (SELECT count(*)::float FROM agent_runs WHERE org_id = $1) AS runs, coalesce(sum(input_tokens), 0)::float AS input,
         coalesce(sum(output_tokens), 0)::float AS output, coalesce(sum(cost_micro_usd), 0)::float AS cost
       FROM usage_records WHERE org_id = $1`,
      [toUuid(orgId)],
    );
    return rows[0]!;
  }

  async held(orgId: string): Promise<number> {
    const { rows } = await this.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM quota_reservations WHERE org_id = $1 AND charged_at IS NULL',
      [toUuid(orgId)],
    );
    return rows[0]!.n;
  }
}
