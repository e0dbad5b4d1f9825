import { originOf } from '#lib/catalog';
import { ClavigerError, type AuthorisedState, type StateMcpServer, type StateSealed } from '#lib/contracts';
import type { HttpToolSpec, ToolSpec } from '../pipeline/agent-spec.js';
import { pointerPart, secretReferences } from './secret-references.js';

/**
 * Throws when a tool is not this workspace's to use by this state: an MCP server that it was not handed, or a secret that its
 * organization has not for tools (not_found, the same for a foreign and an unknown one), or not for that place (secret_required).
 */
export function assertTools(state: AuthorisedState, tools: readonly ToolSpec[]): void {
  for (const [index, tool] of tools.entries()) {
    if (tool.type === 'mcp') serverOf(state, tool.serverId, index);
    else if (tool.type === 'http') secretsOf(state, tool, index);
  }
}

/** Whether a call of this tool waits for somebody's word: its agent says so, or the OWNERs of its server do. */
export function asksFirst({ mcpServers }: AuthorisedState, tool: ToolSpec): boolean {
  if (tool.needsApproval || tool.type !== 'mcp') return tool.needsApproval ?? false;
  return mcpServers.some(({ id, approval }) => id === tool.serverId && approval === 'always');
}

/** The server of this id, if the workspace may use it. Throws not_found. */
export function serverOf(state: AuthorisedState, serverId: string, index: number): StateMcpServer {
  const server = state.mcpServers.find(({ id, enabled }) => id === serverId && enabled);
  if (server) return server;
  const detail = `This workspace has no MCP server "${serverId}". An OWNER can hand one to it: PUT /api/v1/workspaces/:id/mcp-servers.`;
  throw new ClavigerError('not_found', detail, {
    errors: [{ pointer: `/agent/tools/${index}/serverId`, detail: 'There is no such MCP server here.' }],
  });
}

/** The secrets that a tool's headers name. Throws not_found and secret_required. */
export function secretsOf(state: AuthorisedState, tool: HttpToolSpec, index: number): StateSealed[] {
  return secretReferences(tool.headers).map(({ header, name }) => {
    const pointer = `/agent/tools/${index}/headers/${pointerPart(header)}`;
    const secret = state.toolSecrets.find((candidate) => candidate.name === name);
    if (!secret) {
      const detail = `Your organization has no secret "${name}" for tools. An OWNER can make one: POST /api/v1/secrets with "tools": true.`;
      throw new ClavigerError('not_found', detail, {
        errors: [{ pointer, detail: 'There is no such secret for tools.' }],
      });
    }
    const origin = originOf(tool.url.replace(/\{[^}]*\}/g, 'x')) ?? '';
    if (!secret.origins.includes(origin)) {
      const detail = `The secret "${name}" is not for ${origin}: it may go to ${secret.origins.join(', ')} alone. An OWNER can enter it again for that place.`;
      throw new ClavigerError('secret_required', detail, { errors: [{ pointer, detail }] });
    }
    return secret;
  });
}
