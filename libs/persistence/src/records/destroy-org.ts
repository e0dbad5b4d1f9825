import { toUuid } from '#lib/kernel';
import type { TenantTx } from '../tenant/tenant-db.js';

export interface OrgDestruction {
  orgId: string;
  /** `usr_…` or `tok_…` */
  deletedBy: string;
  deletedAt: Date;
}

/** What was erased, revoked and ended. */
export interface DestroyedCounts {
  sealedVersions: number;
  tokens: number;
  sessions: number;
}

/**
 * Ends an organization: every sealed byte is erased, every token revoked, every session led out, and no look-up finds it
 * from the commit on. Call it inside `TenantDb.withOrgAlone`, in the transaction of the audit row. Its rows stay until the
 * worker purges them (ADR 0015).
 */
export async function destroyOrg(
  tx: TenantTx,
  { orgId, deletedBy, deletedAt }: OrgDestruction,
): Promise<DestroyedCounts> {
  const sealedVersions = await tx.$executeRaw`
    UPDATE secret_versions SET wrapped_dek = NULL, envelope = NULL, state = 'shredded' WHERE state <> 'shredded'`;
  const tokens = await tx.$executeRaw`UPDATE tokens SET revoked_at = ${deletedAt} WHERE revoked_at IS NULL`;
  const left = await tx.$queryRaw<{ sessions: number }[]>`SELECT lookup.leave_org() AS sessions`;
  await tx.$executeRaw`
    INSERT INTO org_deletions (org_id, deleted_at, deleted_by)
    VALUES (${toUuid(orgId)}::uuid, ${deletedAt}, ${deletedBy})`;
  return { sealedVersions, tokens, sessions: left[0]?.sessions ?? 0 };
}
