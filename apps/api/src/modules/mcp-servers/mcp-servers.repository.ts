import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import { lockOrg } from '../../common/lock-org.js';
import type { PageWindow } from '../../common/paging.js';
import type { McpServer } from './mcp-server.js';
import { nameTaken } from './mcp-servers.errors.js';

interface ServerRow {
  org_id: string;
  id: string;
  name: string;
  url: string;
  secret_id: string | null;
  mask: string | null;
  secret_version: number | null;
  enabled: boolean;
  approval: McpServer['approval'];
  approvers: McpServer['approvers'];
  workspace_count: number;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

export type ServerSettings = Pick<McpServer, 'name' | 'url' | 'enabled' | 'approval' | 'approvers'> & {
  secretId: string | null;
};

@Injectable()
export class McpServersRepository {
  async list(tx: TenantTx, orgId: string, { take, afterId }: PageWindow): Promise<McpServer[]> {
    const after = afterId === undefined ? null : toUuid(afterId);
    return this.read(
      tx,
      Prisma.sql`m.org_id = ${toUuid(orgId)}::uuid AND (${after}::uuid IS NULL OR m.id > ${after}::uuid)
        ORDER BY m.id LIMIT ${take}`,
    );
  }

  async find(tx: TenantTx, orgId: string, id: string): Promise<McpServer | null> {
    const where = Prisma.sql`m.org_id = ${toUuid(orgId)}::uuid AND m.id = ${toUuid(id)}::uuid`;
    return (await this.read(tx, where))[0] ?? null;
  }

  async findLocked(tx: TenantTx, orgId: string, id: string): Promise<McpServer | null> {
    await tx.$queryRaw`
      SELECT 1 FROM mcp_servers WHERE org_id = ${toUuid(orgId)}::uuid AND id = ${toUuid(id)}::uuid FOR UPDATE`;
    return this.find(tx, orgId, id);
  }

  /** Until the end of the transaction no other request counts or adds: the count stays true. */
  async countLocked(tx: TenantTx, orgId: string): Promise<number> {
    await lockOrg(tx, orgId);
    return tx.mcpServer.count({ where: { orgId: toUuid(orgId) } });
  }

  /** Throws name_taken. ON CONFLICT decides, so that two requests at once cannot both have the name. */
  async insert(
    tx: TenantTx,
    orgId: string,
    id: string,
    { secretId, ...settings }: Omit<ServerSettings, 'enabled'>,
  ): Promise<void> {
    const { count } = await tx.mcpServer.createMany({
      data: { orgId: toUuid(orgId), id: toUuid(id), ...settings, secretId: secretId && toUuid(secretId) },
      skipDuplicates: true,
    });
    if (count === 0) throw nameTaken();
  }

  /** Throws name_taken. */
  async update(tx: TenantTx, orgId: string, id: string, settings: ServerSettings): Promise<void> {
    const { name, url, enabled, approval, approvers, secretId } = settings;
    await lockOrg(tx, orgId);
    const other = await tx.mcpServer.findFirst({
      where: { orgId: toUuid(orgId), name, id: { not: toUuid(id) } },
      select: { id: true },
    });
    if (other) throw nameTaken();
    await tx.mcpServer.update({
      where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } },
      data: {
        ...{ name, url, enabled, approval, approvers, secretId: secretId && toUuid(secretId) },
        ...{ revision: { increment: 1 }, updatedAt: new Date() },
      },
    });
  }

  async delete(tx: TenantTx, orgId: string, id: string): Promise<void> {
    await tx.mcpServer.delete({ where: { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } } });
  }

  private async read(tx: TenantTx, which: Prisma.Sql): Promise<McpServer[]> {
    const rows = await tx.$queryRaw<ServerRow[]>`
      SELECT m.org_id::text, m.id::text, m.name, m.url, m.secret_id::text, s.mask, s.current_version AS secret_version, m.enabled,
        m.approval, m.approvers,
        (SELECT count(*)::int FROM mcp_assignments a WHERE a.org_id = m.org_id AND a.mcp_server_id = m.id) AS workspace_count,
        m.revision, m.created_at, m.updated_at
      FROM mcp_servers m LEFT JOIN secrets s ON s.org_id = m.org_id AND s.id = m.secret_id
      WHERE ${which}`;
    return rows.map(serverOf);
  }
}

function serverOf(row: ServerRow): McpServer {
  const { name, url, enabled, approval, approvers, revision } = row;
  return {
    ...{ name, url, enabled, approval, approvers, revision },
    orgId: fromUuid('org', row.org_id),
    id: fromUuid('mcp', row.id),
    secret:
      row.secret_id === null
        ? null
        : { id: fromUuid('sec', row.secret_id), mask: row.mask ?? '', version: row.secret_version ?? 0 },
    workspaceCount: row.workspace_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
