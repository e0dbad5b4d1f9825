import { Injectable } from '@nestjs/common';
import type { QuotaScope } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';

/** What quotas cover, and what was used of it already. */
@Injectable()
export class QuotaScopesRepository {
  /** Whether the organization has it; it stays until the transaction ends. */
  async exists(tx: TenantTx, orgId: string, scope: QuotaScope): Promise<boolean> {
    if (scope.type === 'organization') return true;
    const table = Prisma.raw({ workspace: 'workspaces', token: 'tokens', key: 'provider_keys' }[scope.type]);
    const rows = await tx.$queryRaw<object[]>`
      SELECT 1 FROM ${table} WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(scope.id)}::uuid FOR KEY SHARE`;
    return rows.length === 1;
  }

  /**
   * Gives a new quota what the receipts say of the window that is now: an OWNER who sets a month's budget in the middle of it means
   * the whole month. A run counts in the window in which it began. Runs under way were not reserved and are not counted.
   */
  async countReceipts(tx: TenantTx, orgId: string, quotaId: string, scope: QuotaScope): Promise<void> {
    const org = toUuid(orgId);
    const callers = scope.type === 'token' ? await this.callersOf(tx, orgId, scope.id) : null;
    const workspace = scope.type === 'workspace' ? toUuid(scope.id) : null;
    const key = scope.type === 'key' ? toUuid(scope.id) : null;
    await tx.$executeRaw`
      INSERT INTO quota_counters (org_id, quota_id, window_start, settled)
      SELECT q.org_id, q.id, w.start, CASE q.metric WHEN 'runs' THEN count(DISTINCT a.id)
        WHEN 'input_tokens' THEN coalesce(sum(u.input_tokens), 0) WHEN 'output_tokens' THEN coalesce(sum(u.output_tokens), 0)
        WHEN 'total_tokens' THEN coalesce(sum(u.input_tokens + u.output_tokens), 0) ELSE coalesce(sum(u.cost_micro_usd), 0) END
      FROM quotas q
      CROSS JOIN LATERAL (SELECT date_trunc(q.period, now(), 'UTC') AS start) w
      LEFT JOIN agent_runs a ON a.org_id = q.org_id AND a.started_at >= w.start AND a.status <> 'running'
        AND (${workspace}::uuid IS NULL OR a.workspace_id = ${workspace}::uuid)
        AND (${callers}::text[] IS NULL OR a.principal_id = ANY (${callers}::text[]))
        AND (${key}::uuid IS NULL OR EXISTS (
          SELECT 1 FROM usage_records k WHERE k.org_id = a.org_id AND k.run_id = a.id AND k.provider_key_id = ${key}::uuid))
      LEFT JOIN usage_records u ON u.org_id = a.org_id AND u.run_id = a.id
        AND (${key}::uuid IS NULL OR u.provider_key_id = ${key}::uuid)
      WHERE q.org_id = ${org}::uuid AND q.id = ${toUuid(quotaId)}::uuid
      GROUP BY q.org_id, q.id, q.metric, w.start`;
  }

  /** A token as receipts name it, and those that took its place or that it made: whom the engines count (`lookup.state_quotas`). */
  private async callersOf(tx: TenantTx, orgId: string, tokenId: string): Promise<string[]> {
    const rows = await tx.token.findMany({
      where: { orgId: toUuid(orgId), ancestors: { has: toUuid(tokenId) } },
      select: { id: true },
    });
    return [tokenId, ...rows.map(({ id }) => fromUuid('tok', id))];
  }
}
