import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';

/** An exception from a policy for one workspace or one token. */
export interface Approval {
  id: string;
  policyId: string;
  workspaceId: string | null;
  tokenId: string | null;
  reason: string;
  expiresAt: Date;
  /** `usr_…` or `tok_…` */
  createdBy: string;
  createdAt: Date;
  revokedAt: Date | null;
}

type ApprovalRow = Approval & { orgId: string; revokedBy: string | null };

@Injectable()
export class ApprovalsRepository {
  /** Newest first; `afterId` is the last one of the page before. */
  async list(
    tx: TenantTx,
    orgId: string,
    policyId: string,
    { take, afterId }: PageWindow,
  ): Promise<Approval[]> {
    const rows = await tx.policyApproval.findMany({
      where: {
        ...{ orgId: toUuid(orgId), policyId: toUuid(policyId) },
        ...(afterId !== undefined && { id: { lt: toUuid(afterId) } }),
      },
      orderBy: { id: 'desc' },
      take,
    });
    return rows.map(approvalOf);
  }

  /** The exception, its row locked until the end of the transaction. */
  async findLocked(tx: TenantTx, orgId: string, policyId: string, id: string): Promise<Approval | null> {
    await tx.$queryRaw`
      SELECT 1 FROM policy_approvals WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    const row = await tx.policyApproval.findUnique({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) }, policyId: toUuid(policyId) },
    });
    return row && approvalOf(row);
  }

  async insert(
    tx: TenantTx,
    orgId: string,
    {
      id,
      policyId,
      workspaceId,
      tokenId,
      reason,
      expiresAt,
      createdBy,
    }: Omit<Approval, 'createdAt' | 'revokedAt'>,
  ): Promise<Approval> {
    const row = await tx.policyApproval.create({
      data: {
        orgId: toUuid(orgId),
        id: toUuid(id),
        policyId: toUuid(policyId),
        workspaceId: workspaceId && toUuid(workspaceId),
        tokenId: tokenId && toUuid(tokenId),
        ...{ reason, expiresAt, createdBy },
      },
    });
    return approvalOf(row);
  }

  async revoke(tx: TenantTx, orgId: string, id: string, revokedBy: string, revokedAt: Date): Promise<void> {
    await tx.policyApproval.updateMany({
      where: { orgId: toUuid(orgId), id: toUuid(id) },
      data: { revokedAt, revokedBy },
    });
  }
}

function approvalOf({ reason, expiresAt, createdBy, createdAt, revokedAt, ...row }: ApprovalRow): Approval {
  return {
    id: fromUuid('apv', row.id),
    policyId: fromUuid('pol', row.policyId),
    workspaceId: row.workspaceId && fromUuid('ws', row.workspaceId),
    tokenId: row.tokenId && fromUuid('tok', row.tokenId),
    ...{ reason, expiresAt, createdBy, createdAt, revokedAt },
  };
}
