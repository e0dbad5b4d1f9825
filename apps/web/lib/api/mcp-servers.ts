import {
  mcpAssignmentsList,
  mcpAssignmentsReplace,
  mcpServersCreate,
  mcpServersDelete,
  mcpServersList,
  mcpServersUpdate,
} from '../generated/api/sdk.gen';
import { answer, done, tagged } from './http';
import { allPages } from './paging';
import type { AssignedMcpServer, McpServer, McpServerChange, NewMcpServer } from './types';

/** The organization's MCP servers, without their secrets. */
export function listMcpServers(): Promise<McpServer[]> {
  return allPages((cursor) => answer(mcpServersList({ query: { limit: 200, cursor } })));
}

export function createMcpServer(body: NewMcpServer): Promise<McpServer> {
  return answer(mcpServersCreate({ body }));
}

export function updateMcpServer({ id, version }: McpServer, body: McpServerChange): Promise<McpServer> {
  const headers = { 'if-match': `"${id}-${version}"` };
  return answer(mcpServersUpdate({ path: { mcpServerId: id }, body, headers }));
}

/** `force` takes it out of its workspaces, too. */
export function deleteMcpServer(id: string, force: boolean): Promise<void> {
  return done(mcpServersDelete({ path: { mcpServerId: id }, query: force ? { force: 'true' } : {} }));
}

/** The MCP servers that a workspace was handed. */
export async function listAssignedMcpServers(workspaceId: string): Promise<AssignedMcpServer[]> {
  return (await answer(mcpAssignmentsList({ path: { id: workspaceId } }))).data;
}

/** Hands a server to a workspace, or takes it back; the workspace's others stay. A change in between is refused. */
export async function handMcpServer(workspaceId: string, mcpServerId: string, to: boolean): Promise<void> {
  const path = { id: workspaceId };
  const { body, etag } = await tagged(mcpAssignmentsList({ path }));
  const others = body.data.filter((assigned) => assigned.mcpServerId !== mcpServerId);
  const assignments = [
    ...others.map(({ mcpServerId: id, active }) => ({ mcpServerId: id, active })),
    ...(to ? [{ mcpServerId }] : []),
  ];
  await done(mcpAssignmentsReplace({ path, body: { assignments }, headers: { 'if-match': etag } }));
}
