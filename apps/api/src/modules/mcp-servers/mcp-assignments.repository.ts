import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { McpAssignment } from './mcp-server.js';

const SAMPLE = 5;

@Injectable()
export class McpAssignmentsRepository {
  /** Locks the workspace's row until the end of the transaction; false when there is none. */
  async lockWorkspace(tx: TenantTx, orgId: string, workspaceId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM workspaces
      WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(workspaceId)}::uuid FOR UPDATE`;
    return rows.length === 1;
  }

  async workspaceExists(tx: TenantTx, orgId: string, workspaceId: string): Promise<boolean> {
    const id = { orgId: toUuid(orgId), id: toUuid(workspaceId) };
    return (await tx.workspace.count({ where: id })) === 1;
  }

  /** Locks those of these servers that exist against deletion, in the order of their ids, and answers their ids. */
  async lockServers(tx: TenantTx, orgId: string, ids: string[]): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM mcp_servers
      WHERE org_id = ${toUuid(orgId)}::uuid AND id = ANY(${ids.map(toUuid)}::uuid[]) ORDER BY id FOR KEY SHARE`;
    return new Set(rows.map((row) => fromUuid('mcp', row.id)));
  }

  /** The workspace's assignments by the servers' ids. */
  async list(tx: TenantTx, orgId: string, workspaceId: string): Promise<McpAssignment[]> {
    const rows = await tx.mcpAssignment.findMany({
      where: { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId) },
      orderBy: { mcpServerId: 'asc' },
    });
    return rows.map(({ mcpServerId, active }) => ({ mcpServerId: fromUuid('mcp', mcpServerId), active }));
  }

  async replace(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    assignments: McpAssignment[],
  ): Promise<void> {
    const where = { orgId: toUuid(orgId), workspaceId: toUuid(workspaceId) };
    await tx.mcpAssignment.deleteMany({ where });
    await tx.mcpAssignment.createMany({
      data: assignments.map(({ mcpServerId, active }) => ({
        ...where,
        mcpServerId: toUuid(mcpServerId),
        active,
      })),
    });
  }

  /** What of these servers a workspace is told, by id. */
  async facts(
    tx: TenantTx,
    orgId: string,
    ids: string[],
  ): Promise<Map<string, { name: string; url: string; enabled: boolean }>> {
    const rows = await tx.mcpServer.findMany({
      where: { orgId: toUuid(orgId), id: { in: ids.map(toUuid) } },
      select: { id: true, name: true, url: true, enabled: true },
    });
    return new Map(rows.map(({ id, ...facts }) => [fromUuid('mcp', id), facts]));
  }

  /** Some of the workspaces that have the server. */
  async sampleOf(tx: TenantTx, orgId: string, serverId: string): Promise<string[]> {
    const rows = await tx.mcpAssignment.findMany({
      where: { orgId: toUuid(orgId), mcpServerId: toUuid(serverId) },
      select: { workspaceId: true },
      orderBy: { workspaceId: 'asc' },
      take: SAMPLE,
    });
    return rows.map((row) => fromUuid('ws', row.workspaceId));
  }

  async removeServer(tx: TenantTx, orgId: string, serverId: string): Promise<void> {
    await tx.mcpAssignment.deleteMany({ where: { orgId: toUuid(orgId), mcpServerId: toUuid(serverId) } });
  }
}
