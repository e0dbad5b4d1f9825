import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { Org } from './org.js';

@Injectable()
export class OrgsRepository {
  async get(tx: TenantTx, orgId: string): Promise<Org> {
    return orgOf(await tx.org.findUniqueOrThrow({ where: { orgId: toUuid(orgId) } }));
  }

  /** Whoever changes the organization waits for whoever does so already. */
  async lock(tx: TenantTx, orgId: string): Promise<void> {
    await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR UPDATE`;
  }

  async rename(tx: TenantTx, orgId: string, name: string, updatedAt: Date): Promise<Org> {
    return orgOf(await tx.org.update({ where: { orgId: toUuid(orgId) }, data: { name, updatedAt } }));
  }
}

function orgOf({ orgId, ...row }: Omit<Org, 'id'> & { orgId: string }): Org {
  return { ...row, id: fromUuid('org', orgId) };
}
