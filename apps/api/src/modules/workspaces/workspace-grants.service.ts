import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound, type WorkspaceGrant } from '#lib/contracts';
import { toPage, type PageQuery } from '#lib/http';
import { isId } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { PlanLimitsService } from '../plan-limits/index.js';
import { coveredRows } from '../../common/covered-rows.js';
import { pageWindow, type PageWindow } from '../../common/paging.js';
import { recordChange } from '../../common/record-change.js';
import { assertMay } from './workspace.js';
import { WorkspaceGrantsRepository } from './workspace-grants.repository.js';
import type { GrantDto, WorkspaceMemberDto, WorkspaceMemberPageDto } from './workspaces.dto.js';
import { WorkspacesRepository } from './workspaces.repository.js';

/** Who joined a workspace, and what they may do in it (PRODUCT #3). */
@Injectable()
export class WorkspaceGrantsService {
  constructor(
    private readonly db: TenantDb,
    private readonly workspaces: WorkspacesRepository,
    private readonly repository: WorkspaceGrantsRepository,
    private readonly planLimits: PlanLimitsService,
  ) {}

  async list(principal: Principal, workspaceId: string, query: PageQuery): Promise<WorkspaceMemberPageDto> {
    const { orgId } = principal;
    assertMay(principal, workspaceId, 'workspaces:ManageGrants');
    const window = pageWindow('mem', query);
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.workspaces.find(tx, orgId, workspaceId))) throw notFound();
      const read = async (part: PageWindow) =>
        (await this.repository.list(tx, orgId, workspaceId, part)).map((member) => ({
          id: member.memberId,
          member,
        }));
      const rows = await coveredRows(principal, 'workspaces:ManageGrants', window, read, [workspaceId]);
      return toPage(
        rows,
        query.limit,
        ({ id }) => id,
        ({ member }) => member,
      );
    });
  }

  /** Lets a member in, or changes their grants. Throws not_found for a workspace or member of somebody else. */
  async put(
    principal: Principal,
    workspaceId: string,
    memberId: string,
    { canEdit = false, canDelete = false, canExecute = false }: GrantDto,
  ): Promise<WorkspaceMemberDto> {
    const { orgId } = principal;
    const grant = { canEdit, canDelete, canExecute };
    return this.db.withOrg(orgId, async (tx) => {
      await this.assertBoth(tx, principal, workspaceId, memberId);
      const before = await this.repository.find(tx, orgId, workspaceId, memberId);
      if (before && isDeepStrictEqual(grantsOf(before), grant)) return before;
      if (!before || addsTo(before, grant))
        await this.planLimits.assertWritable(tx, orgId, 'workspaces', workspaceId);
      await this.repository.put(tx, orgId, workspaceId, memberId, grant);
      await this.record(tx, principal, workspaceId, memberId, {
        before: before ? grantsOf(before) : null,
        after: grant,
      });
      const after = await this.repository.find(tx, orgId, workspaceId, memberId);
      if (!after) throw notFound();
      return after;
    });
  }

  async remove(principal: Principal, workspaceId: string, memberId: string): Promise<void> {
    const { orgId } = principal;
    await this.db.withOrg(orgId, async (tx) => {
      await this.assertBoth(tx, principal, workspaceId, memberId);
      if (!(await this.repository.remove(tx, orgId, workspaceId, memberId))) throw notFound();
      await this.record(tx, principal, workspaceId, memberId, { after: null });
    });
  }

  private async assertBoth(
    tx: TenantTx,
    principal: Principal,
    workspaceId: string,
    memberId: string,
  ): Promise<void> {
    assertMay(principal, workspaceId, 'workspaces:ManageGrants');
    if (!isId('mem', memberId)) throw notFound();
    const workspace = await this.workspaces.find(tx, principal.orgId, workspaceId);
    if (!workspace || !(await this.repository.lockMember(tx, principal.orgId, memberId))) throw notFound();
  }

  private async record(
    tx: TenantTx,
    principal: Principal,
    workspaceId: string,
    memberId: string,
    grants: Record<string, WorkspaceGrant | null>,
  ): Promise<void> {
    await recordChange(tx, principal, {
      action: 'workspaces:ManageGrants',
      target: workspaceId,
      change: { memberId, ...grants },
      topic: 'member.changed',
      ids: { workspaceId, memberId },
    });
  }
}

/** Whether a right is given: taking rights away is open in a workspace that exceeds the plan as well. */
function addsTo(before: WorkspaceGrant, after: WorkspaceGrant): boolean {
  return (['canEdit', 'canDelete', 'canExecute'] as const).some((right) => after[right] && !before[right]);
}

function grantsOf({ canEdit, canDelete, canExecute }: WorkspaceGrant): WorkspaceGrant {
  return { canEdit, canDelete, canExecute };
}
