import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { OrgStops, StopsBy } from './org-kill-switch.js';

interface StopsRow {
  operator: string | null;
  owner: string | null;
}

@Injectable()
export class OrgKillSwitchRepository {
  /** null when there is no such organization. */
  async get(tx: TenantTx, orgId: string): Promise<OrgStops | null> {
    const rows = await tx.$queryRaw<StopsRow[]>`
      SELECT stopped_by_operator AS operator, stopped_by_owner AS owner FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid`;
    return rows[0] ?? null;
  }

  /** The same, locked until the transaction ends. */
  async lock(tx: TenantTx, orgId: string): Promise<OrgStops | null> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
    return this.get(tx, orgId);
  }

  async set(tx: TenantTx, orgId: string, by: StopsBy, reason: string | null): Promise<void> {
    const data = by === 'operator' ? { stoppedByOperator: reason } : { stoppedByOwner: reason };
    await tx.org.update({ where: { orgId: toUuid(orgId) }, data });
  }
}
