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
  workspaceCount: number;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewMcpServer {
  name: string;
  url: string;
  /** Packed; wiped by whoever gets it. */
  entered: SecretBytes | null;
}

export interface McpServerPatch {
  name?: string;
  url?: string;
  enabled?: boolean;
  entered: SecretBytes | null;
  clearSecret: boolean;
}

/** The settings that differ, before and after, for the audit log; of a secret its mask and version. */
export function changeOf(before: McpServer, after: McpServer): Record<string, unknown> {
  const facts = ({ name, url, enabled, secret }: McpServer): Record<string, unknown> => ({
    ...{ name, url, enabled },
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
