import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import { PgPool, type TenantTx } from '#lib/persistence';

export interface PlanRow {
  slug: string;
  limits: unknown;
}

@Injectable()
export class PlansRepository {
  constructor(private readonly pool: PgPool) {}

  /** Every plan: they belong to no tenant. */
  async list(): Promise<PlanRow[]> {
    const { rows } = await this.pool.query<PlanRow>('SELECT slug, limits FROM plans ORDER BY slug');
    return rows;
  }

  /** The plan of the transaction's organization, locked until it ends; null when there is no such organization. */
  async lockOrgPlan(tx: TenantTx, orgId: string): Promise<string | null> {
    const rows = await tx.$queryRaw<{ plan: string }[]>`
      SELECT plan FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
    return rows[0]?.plan ?? null;
  }

  async setOrgPlan(tx: TenantTx, orgId: string, plan: string, updatedAt: Date): Promise<void> {
    await tx.org.update({ where: { orgId: toUuid(orgId) }, data: { plan, updatedAt } });
  }
}
