import { Injectable } from '@nestjs/common';
import type { QuotaMetric, QuotaMode, QuotaScope, QuotaWindow } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';
import type { NewQuota, Quota, QuotaSettings } from './quota.js';
import { nameTaken } from './quotas.errors.js';

interface QuotaRow {
  org_id: string;
  id: string;
  name: string;
  workspace_id: string | null;
  token_id: string | null;
  provider_key_id: string | null;
  metric: QuotaMetric;
  period: QuotaWindow;
  max: bigint;
  mode: QuotaMode;
  thresholds: number[];
  revision: number;
  used: bigint;
  reserved: bigint;
  resets_at: Date;
  created_at: Date;
  updated_at: Date;
}

@Injectable()
export class QuotasRepository {
  async list(
    tx: TenantTx,
    orgId: string,
    metric: QuotaMetric | undefined,
    { take, afterId }: PageWindow,
  ): Promise<Quota[]> {
    const after = afterId === undefined ? null : toUuid(afterId);
    return this.read(
      tx,
      Prisma.sql`q.org_id = ${toUuid(orgId)}::uuid AND (${after}::uuid IS NULL OR q.id > ${after}::uuid)
        AND (${metric ?? null}::text IS NULL OR q.metric = ${metric ?? null}::text) ORDER BY q.id LIMIT ${take}`,
    );
  }

  /** Until the end of the transaction no other request counts or adds: the count stays true. */
  async countLocked(tx: TenantTx, orgId: string): Promise<number> {
    await lockOrg(tx, orgId);
    return tx.quota.count({ where: { orgId: toUuid(orgId) } });
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Quota | null> {
    const where = Prisma.sql`q.org_id = ${toUuid(orgId)}::uuid AND q.id = ${toUuid(id)}::uuid`;
    return (await this.read(tx, where))[0] ?? null;
  }

  async findLocked(tx: TenantTx, orgId: string, id: string): Promise<Quota | null> {
    await tx.$queryRaw`
      SELECT 1 FROM quotas WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR NO KEY UPDATE`;
    return this.find(tx, orgId, id);
  }

  /** Throws name_taken. ON CONFLICT decides, so that two requests at once cannot both have the name. */
  async insert(tx: TenantTx, orgId: string, id: string, quota: NewQuota): Promise<void> {
    const { scope, window: period, name, metric, max, mode, thresholds } = quota;
    const { count } = await tx.quota.createMany({
      data: {
        ...{ orgId: toUuid(orgId), id: toUuid(id), name, metric, period, max, mode, thresholds },
        workspaceId: scope.type === 'workspace' ? toUuid(scope.id) : null,
        tokenId: scope.type === 'token' ? toUuid(scope.id) : null,
        providerKeyId: scope.type === 'key' ? toUuid(scope.id) : null,
      },
      skipDuplicates: true,
    });
    if (count === 0) throw nameTaken();
  }

  /** Throws name_taken. */
  async update(tx: TenantTx, orgId: string, id: string, settings: QuotaSettings): Promise<void> {
    const { name, max, mode, thresholds } = settings;
    const other = await tx.quota.findFirst({
      where: { orgId: toUuid(orgId), name, id: { not: toUuid(id) } },
      select: { id: true },
    });
    if (other) throw nameTaken();
    await tx.quota.update({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
      data: { name, max, mode, thresholds, revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  /** Forgets that the window that is now was full: with more room it may be so once more, and is told once more. */
  async forgetRefusal(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.quotaCounter.updateMany({
      where: { orgId: toUuid(orgId), quotaId: toUuid(id), refusedAt: { not: null } },
      data: { refusedAt: null },
    });
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.quota.delete({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
  }

  /** Windows by the database's own clock, as the engines count them. */
  private async read(tx: TenantTx, which: Prisma.Sql): Promise<Quota[]> {
    const rows = await tx.$queryRaw<QuotaRow[]>`
      SELECT q.org_id::text, q.id::text, q.name, q.workspace_id::text, q.token_id::text, q.provider_key_id::text, q.metric, q.period,
        q.max, q.mode, q.thresholds, q.revision, q.created_at, q.updated_at, coalesce(c.settled, 0) AS used,
        coalesce(c.reserved, 0) AS reserved, (w.start + ('1 ' || q.period)::interval) AT TIME ZONE 'UTC' AS resets_at
      FROM quotas q
      CROSS JOIN LATERAL (SELECT date_trunc(q.period, now() AT TIME ZONE 'UTC') AS start) w
      LEFT JOIN quota_counters c
        ON c.org_id = q.org_id AND c.quota_id = q.id AND c.window_start = w.start AT TIME ZONE 'UTC'
      WHERE ${which}`;
    return rows.map(quotaOf);
  }
}

function quotaOf(row: QuotaRow): Quota {
  return {
    orgId: fromUuid('org', row.org_id),
    id: fromUuid('quo', row.id),
    name: row.name,
    scope: scopeOf(row),
    metric: row.metric,
    window: row.period,
    max: Number(row.max),
    mode: row.mode,
    thresholds: row.thresholds,
    revision: row.revision,
    used: Number(row.used),
    reserved: Number(row.reserved),
    resetsAt: row.resets_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function scopeOf({ workspace_id, token_id, provider_key_id }: QuotaRow): QuotaScope {
  if (workspace_id !== null) return { type: 'workspace', id: fromUuid('ws', workspace_id) };
  if (token_id !== null) return { type: 'token', id: fromUuid('tok', token_id) };
  return provider_key_id === null
    ? { type: 'organization' }
    : { type: 'key', id: fromUuid('aip', provider_key_id) };
}
