import type { McpServer } from './mcp-server.js';
import type { McpServerDto } from './mcp-servers.dto.js';

export function dtoOf(server: McpServer): McpServerDto {
  const { id, orgId, name, url, enabled, approval, approvers, secret, workspaceCount, revision } = server;
  return {
    ...{ id, orgId, name, url, enabled, approval, approvers, workspaceCount },
    hasValue: secret !== null,
    mask: secret?.mask ?? null,
    version: revision,
    createdAt: server.createdAt.toISOString(),
    updatedAt: server.updatedAt.toISOString(),
  };
}
