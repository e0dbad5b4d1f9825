import { Injectable } from '@nestjs/common';
import type { WorkspaceGrant } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { WorkspaceMemberDto } from './workspaces.dto.js';

interface MemberRow {
  member_id: string;
  user_id: string;
  role: string;
  name: string;
  email: string;
  can_edit: boolean;
  can_delete: boolean;
  can_execute: boolean;
}

@Injectable()
export class WorkspaceGrantsRepository {
  /** Members who joined the workspace, in the order of their ids. */
  list(tx: TenantTx, orgId: string, workspaceId: string, window: PageWindow): Promise<WorkspaceMemberDto[]> {
    return this.read(tx, orgId, workspaceId, null, window);
  }

  /** One of them; null when the member has not joined. */
  async find(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    memberId: string,
  ): Promise<WorkspaceMemberDto | null> {
    const one = { take: 1, afterId: undefined };
    return (await this.read(tx, orgId, workspaceId, toUuid(memberId), one))[0] ?? null;
  }

  private async read(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    member: string | null,
    { take, afterId }: PageWindow,
  ): Promise<WorkspaceMemberDto[]> {
    const after = afterId === undefined ? null : toUuid(afterId);
    const rows = await tx.$queryRaw<MemberRow[]>`
      SELECT g.member_id, m.user_id, m.role, u.name, u.email, g.can_edit, g.can_delete, g.can_execute
      FROM workspace_grants g
      JOIN members m ON m.org_id = g.org_id AND m.id = g.member_id
      JOIN users u ON u.id = m.user_id
      WHERE g.org_id = ${toUuid(orgId)}::uuid AND g.workspace_id = ${toUuid(workspaceId)}::uuid
        AND (${member}::uuid IS NULL OR g.member_id = ${member}::uuid)
        AND (${after}::uuid IS NULL OR g.member_id > ${after}::uuid)
      ORDER BY g.member_id LIMIT ${take}`;
    return rows.map(toDto);
  }

  /** Whether the organization has this member, locked against being removed meanwhile. */
  async lockMember(tx: TenantTx, orgId: string, memberId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM members WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(memberId)}::uuid FOR SHARE`;
    return rows.length === 1;
  }

  async put(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    memberId: string,
    grant: WorkspaceGrant,
  ): Promise<void> {
    const id = { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId), memberId: toUuid(memberId) };
    await tx.workspaceGrantRow.upsert({
      where: { orgId_workspaceId_memberId: id },
      create: { ...id, ...grant },
      update: grant,
    });
  }

  /** False when the member had not joined. */
  async remove(tx: TenantTx, orgId: string, workspaceId: string, memberId: string): Promise<boolean> {
    const { count } = await tx.workspaceGrantRow.deleteMany({
      where: { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId), memberId: toUuid(memberId) },
    });
    return count === 1;
  }
}

function toDto(row: MemberRow): WorkspaceMemberDto {
  return {
    memberId: fromUuid('mem', row.member_id),
    userId: fromUuid('usr', row.user_id),
    name: row.name,
    email: row.email,
    role: row.role,
    canEdit: row.can_edit,
    canDelete: row.can_delete,
    canExecute: row.can_execute,
  };
}
