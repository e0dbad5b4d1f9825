import type { ServerApproval, ServerApprovers } from '#lib/contracts';
import type { SecretBytes } from '#lib/kernel';

/** An MCP server of an organization as the control plane may see it. */
export interface McpServer {
  orgId: string;
  /** `mcp_…` */
  id: string;
  name: string;
  url: string;
  /** What its Authorization header carries; null when it asks for nothing. */
  secret: { id: string; mask: string; version: number } | null;
  enabled: boolean;
  /** Whether its calls wait for somebody's word, and whose word counts. */
  approval: ServerApproval;
  approvers: ServerApprovers;
  workspaceCount: number;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewMcpServer {
  name: string;
  url: string;
  approval?: ServerApproval;
  approvers?: ServerApprovers;
  /** Packed; wiped by whoever gets it. */
  entered: SecretBytes | null;
}

export interface McpServerPatch {
  name?: string;
  url?: string;
  enabled?: boolean;
  approval?: ServerApproval;
  approvers?: ServerApprovers;
  entered: SecretBytes | null;
  clearSecret: boolean;
}

/** The settings that differ, before and after, for the audit log; of a secret its mask and version. */
export function changeOf(before: McpServer, after: McpServer): Record<string, unknown> {
  const facts = ({ secret, ...server }: McpServer): Record<string, unknown> => ({
    ...{ name: server.name, url: server.url, enabled: server.enabled },
    ...{ approval: server.approval, approvers: server.approvers },
    mask: secret?.mask ?? null,
    secretVersion: secret?.version ?? null,
  });
  const [old, now] = [facts(before), facts(after)];
  const changed = Object.keys(now).filter((field) => old[field] !== now[field]);
  return Object.fromEntries(changed.map((field) => [field, [old[field], now[field]]]));
}

/** A server handed to a workspace. */
export interface McpAssignment {
  mcpServerId: string;
  active: boolean;
}
