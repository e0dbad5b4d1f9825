import { Injectable } from '@nestjs/common';
import type { PolicyRuleType, PolicySeverity, ViolationAction } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { ScopeType } from './policies.dto.js';
import type { PolicyViolationDto } from './policy-records.dto.js';

export interface ViolationFilter {
  policyId?: string;
  workspaceId?: string;
  severity?: PolicySeverity;
  action?: ViolationAction;
  from?: Date;
  to?: Date;
}

@Injectable()
export class ViolationsRepository {
  /** Newest first; `afterId` is the last one of the page before. */
  async list(
    tx: TenantTx,
    orgId: string,
    { policyId, workspaceId, severity, action, from, to }: ViolationFilter,
    { take, afterId }: PageWindow,
  ): Promise<PolicyViolationDto[]> {
    const rows = await tx.policyViolation.findMany({
      where: {
        orgId: toUuid(orgId),
        ...(afterId !== undefined && { id: { lt: toUuid(afterId) } }),
        ...(policyId !== undefined && { policyId: toUuid(policyId) }),
        ...(workspaceId !== undefined && { workspaceId: toUuid(workspaceId) }),
        ...(severity !== undefined && { severity }),
        ...(action !== undefined && { action }),
        createdAt: { ...(from && { gte: from }), ...(to && { lt: to }) },
      },
      orderBy: { id: 'desc' },
      take,
    });
    return rows.map(({ orgId: _, createdAt, ...row }) => ({
      ...row,
      id: fromUuid('vio', row.id),
      policyId: fromUuid('pol', row.policyId),
      workspaceId: fromUuid('ws', row.workspaceId),
      runId: row.runId && fromUuid('run', row.runId),
      scope: row.scope as ScopeType,
      severity: row.severity as PolicySeverity,
      action: row.action as ViolationAction,
      ruleType: row.ruleType as PolicyRuleType,
      at: createdAt.toISOString(),
    }));
  }

  /** Whether the organization has, or had when a violation was recorded, what the filter names. */
  async knows(tx: TenantTx, orgId: string, { policyId, workspaceId }: ViolationFilter): Promise<boolean> {
    const org = toUuid(orgId);
    const policy = policyId === undefined ? null : toUuid(policyId);
    const workspace = workspaceId === undefined ? null : toUuid(workspaceId);
    const [row] = await tx.$queryRaw<{ known: boolean }[]>`
      SELECT (${policy}::uuid IS NULL
              OR EXISTS (SELECT FROM policies p WHERE p.org_id = ${org}::uuid AND p.id = ${policy}::uuid)
              OR EXISTS (SELECT FROM policy_violations v WHERE v.org_id = ${org}::uuid AND v.policy_id = ${policy}::uuid))
         AND (${workspace}::uuid IS NULL
              OR EXISTS (SELECT FROM workspaces w WHERE w.org_id = ${org}::uuid AND w.id = ${workspace}::uuid)
              OR EXISTS (SELECT FROM policy_violations v WHERE v.org_id = ${org}::uuid AND v.workspace_id = ${workspace}::uuid))
         AS known`;
    return row?.known ?? false;
  }
}
