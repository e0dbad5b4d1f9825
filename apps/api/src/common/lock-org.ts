import { toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** Lets one request of the organization go on at a time, until the end of its transaction; rows that only refer to it don't wait. */
export async function lockOrg(tx: TenantTx, orgId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM orgs WHERE org_id = ${toUuid(orgId)}::uuid FOR NO KEY UPDATE`;
}
