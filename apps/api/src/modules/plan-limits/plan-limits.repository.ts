import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { ClaimedResource, CountedResource } from './plan-limit.js';

export interface PlanRow {
  slug: string;
  limits: unknown;
}

@Injectable()
export class PlanLimitsRepository {
  async plan(tx: TenantTx, orgId: string): Promise<PlanRow> {
    const org = await tx.org.findUniqueOrThrow({ where: { orgId: toUuid(orgId) }, select: { plan: true } });
    return tx.plan.findUniqueOrThrow({ where: { slug: org.plan }, select: { slug: true, limits: true } });
  }

  /**
   * Keeps the organization on its plan until the transaction ends: a move to another one waits, or is seen. Taken before the
   * counters and the audit log are, as the move itself does.
   */
  async holdPlan(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR SHARE`;
  }

  /** What exceeds the plan, by the one definition that the engine goes by as well. */
  async beyondPlan(tx: TenantTx): Promise<{ resource: CountedResource; id: string }[]> {
    return tx.$queryRaw`SELECT resource, id::text FROM lookup.beyond_plan()`;
  }

  async used(tx: TenantTx, orgId: string): Promise<Map<string, number>> {
    const rows = await tx.planCounter.findMany({
      where: { orgId: toUuid(orgId) },
      select: { resource: true, used: true },
    });
    return new Map(rows.map((row) => [row.resource, row.used]));
  }

  /**
   * Takes one unit, or none when `max` are in use: true when it was taken. One statement decides, so that parallel requests of
   * any number of processes queue at the counter's row and each sees the one before (CUSTODY §10). It is locked until the
   * transaction ends: what is counted is inserted in the same transaction.
   */
  async take(tx: TenantTx, orgId: string, resource: ClaimedResource, max: number | null): Promise<boolean> {
    const org = toUuid(orgId);
    await tx.$executeRaw`
      INSERT INTO plan_counters (org_id, resource, used) VALUES (${org}::uuid, ${resource}, 0)
      ON CONFLICT (org_id, resource) DO NOTHING`;
    const taken = await tx.$queryRaw<{ used: number }[]>`
      UPDATE plan_counters SET used = used + 1
      WHERE org_id = ${org}::uuid AND resource = ${resource} AND (${max}::int IS NULL OR used < ${max}::int)
      RETURNING used`;
    return taken.length === 1;
  }

  /** Gives one unit back. */
  async giveBack(tx: TenantTx, orgId: string, resource: ClaimedResource): Promise<void> {
    await tx.$executeRaw`
      UPDATE plan_counters SET used = used - 1
      WHERE org_id = ${toUuid(orgId)}::uuid AND resource = ${resource} AND used > 0`;
  }
}
