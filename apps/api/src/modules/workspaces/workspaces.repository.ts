import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Visible, Workspace } from './workspace.js';

interface WorkspaceRow {
  orgId: string;
  id: string;
  name: string;
  slug: string;
  isDefault: boolean;
  defaultProvider: string | null;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

/** How much hangs on a workspace. */
export interface WorkspaceCounts {
  keys: number;
  members: number;
}

@Injectable()
export class WorkspacesRepository {
  async list(tx: TenantTx, orgId: string, visible: Visible, window: PageWindow): Promise<Workspace[]> {
    const rows = await tx.workspace.findMany({
      where: {
        orgId: toUuid(orgId),
        AND: [
          visible === 'all' ? {} : { id: { in: visible.map(toUuid) } },
          window.afterId === undefined ? {} : { id: { gt: toUuid(window.afterId) } },
        ],
      },
      orderBy: { id: 'asc' },
      take: window.take,
    });
    return rows.map(toWorkspace);
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<Workspace | null> {
    const row = await tx.workspace.findUnique({ where: key(orgId, id) });
    return row && toWorkspace(row);
  }

  /** Locks the workspace's row until the end of the transaction; false when there is none. */
  async lock(tx: TenantTx, orgId: string, id: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM workspaces WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return rows.length === 1;
  }

  async slugs(tx: TenantTx, orgId: string): Promise<Set<string>> {
    const rows = await tx.workspace.findMany({ where: { orgId: toUuid(orgId) }, select: { slug: true } });
    return new Set(rows.map((row) => row.slug));
  }

  /** False when the slug is taken: nothing was inserted then. */
  async insert(
    tx: TenantTx,
    workspace: Pick<Workspace, 'id' | 'orgId' | 'name' | 'slug' | 'isDefault' | 'defaultProvider'>,
  ): Promise<boolean> {
    const { count } = await tx.workspace.createMany({
      data: { ...workspace, orgId: toUuid(workspace.orgId), id: toUuid(workspace.id) },
      skipDuplicates: true,
    });
    return count === 1;
  }

  async update(tx: TenantTx, workspace: Workspace): Promise<void> {
    const { name, slug, isDefault, defaultProvider } = workspace;
    await tx.workspace.updateMany({
      where: { orgId: toUuid(workspace.orgId), id: toUuid(workspace.id) },
      data: { name, slug, isDefault, defaultProvider, revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  async clearDefault(tx: TenantTx, orgId: string): Promise<void> {
    await tx.workspace.updateMany({
      where: { orgId: toUuid(orgId), isDefault: true },
      data: { isDefault: false },
    });
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.workspace.deleteMany({ where: { orgId: toUuid(orgId), id: toUuid(id) } });
  }

  /** Counts of the given workspaces, by id. */
  async counts(tx: TenantTx, orgId: string, ids: string[]): Promise<Map<string, WorkspaceCounts>> {
    const where = { orgId: toUuid(orgId), workspaceId: { in: ids.map(toUuid) } };
    const keys = await tx.assignment.groupBy({ by: ['workspaceId'], where, _count: true });
    const members = await tx.workspaceGrantRow.groupBy({ by: ['workspaceId'], where, _count: true });
    const of = (rows: { workspaceId: string; _count: number }[], id: string) =>
      rows.find((row) => row.workspaceId === toUuid(id))?._count ?? 0;
    return new Map(ids.map((id) => [id, { keys: of(keys, id), members: of(members, id) }]));
  }
}

function key(orgId: string, id: string) {
  return { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
}

function toWorkspace(row: WorkspaceRow): Workspace {
  return { ...row, orgId: fromUuid('org', row.orgId), id: fromUuid('ws', row.id) };
}
