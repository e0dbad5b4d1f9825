import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { WorkspaceSummaryDto } from './auth.dto.js';

interface WorkspaceRow {
  id: string;
  name: string;
  slug: string;
  isDefault: boolean;
}

const ALL = { canEdit: true, canDelete: true, canExecute: true };

@Injectable()
export class AuthRepository {
  async allWorkspaces(tx: TenantTx): Promise<WorkspaceSummaryDto[]> {
    const rows = await tx.workspace.findMany({
      orderBy: [{ isDefault: 'desc' }, { name: 'asc' }, { id: 'asc' }],
    });
    return rows.map((row) => summary(row, ALL));
  }

  async joinedWorkspaces(tx: TenantTx, memberId: string): Promise<WorkspaceSummaryDto[]> {
    const grants = await tx.workspaceGrantRow.findMany({ where: { memberId: toUuid(memberId) } });
    const byWorkspace = new Map(grants.map((grant) => [grant.workspaceId, grant]));
    const rows = await tx.workspace.findMany({
      where: { id: { in: [...byWorkspace.keys()] } },
      orderBy: [{ isDefault: 'desc' }, { name: 'asc' }, { id: 'asc' }],
    });
    return rows.flatMap((row) => {
      const grant = byWorkspace.get(row.id);
      return grant ? [summary(row, grant)] : [];
    });
  }

  /** In the caller's transaction, so that the audit row of the change cannot be missing. */
  async setPassword(tx: TenantTx, userId: string, passwordHash: string): Promise<void> {
    await tx.$queryRaw`SELECT lookup.set_password(${toUuid(userId)}::uuid, ${passwordHash})::text`;
  }
}

function summary(
  row: WorkspaceRow,
  grant: { canEdit: boolean; canDelete: boolean; canExecute: boolean },
): WorkspaceSummaryDto {
  const { canEdit, canDelete, canExecute } = grant;
  return {
    id: fromUuid('ws', row.id),
    name: row.name,
    slug: row.slug,
    isDefault: row.isDefault,
    canEdit,
    canDelete,
    canExecute,
  };
}
