'use client';

import { Text } from '@mantine/core';
import { updateMcpServer } from '@/lib/api/mcp-servers';
import type { McpServer } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import { waitWords } from './approval-words';

interface McpServerTableProps {
  servers: McpServer[] | undefined;
  isOwner: boolean;
  onOpen: (server: McpServer) => void;
  onDelete: (server: McpServer) => void;
}

export function McpServerTable({ servers, isOwner, onOpen, onDelete }: McpServerTableProps) {
  const announce = useAnnounce();
  const toggle = useChange(
    (server: McpServer) => updateMcpServer(server, { enabled: !server.enabled }),
    [queryKeys.mcpServers, queryKeys.allMcpAssignments],
    ({ name, enabled }) => announce(`${name} is ${enabled ? 'enabled' : 'disabled'}`),
  );
  return (
    <>
      {toggle.error && <ProblemAlert error={toggle.error} />}
      <DataTable
        label="MCP servers"
        rows={servers}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: 'Name',
            cell: ({ name, url }) => (
              <div>
                <Text fw={600}>{name}</Text>
                <Text size="xs" c="dimmed" className="mono wrap">
                  {url}
                </Text>
              </div>
            ),
          },
          {
            key: 'status',
            title: 'Status',
            cell: ({ enabled }) => (
              <Status tone={enabled ? 'good' : 'quiet'}>{enabled ? 'Enabled' : 'Disabled'}</Status>
            ),
          },
          {
            key: 'secret',
            title: 'Authorization',
            cell: ({ hasValue, mask }) =>
              hasValue ? <span className="mono">{mask ?? 'kept'}</span> : <Quiet>none</Quiet>,
          },
          {
            key: 'approval',
            title: 'Approval',
            cell: (server) => waitWords(server),
          },
          {
            key: 'workspaces',
            title: 'Workspaces',
            cell: ({ workspaceCount }) =>
              workspaceCount === 0 ? <Quiet>none yet</Quiet> : plural(workspaceCount, 'workspace'),
          },
          {
            key: 'actions',
            title: 'Actions',
            quietTitle: true,
            cell: (server) =>
              isOwner && (
                <RowActions>
                  <RowButton of={server.name} onClick={() => onOpen(server)}>
                    Edit
                  </RowButton>
                  <RowButton of={server.name} onClick={() => toggle.mutate(server)}>
                    {server.enabled ? 'Disable' : 'Enable'}
                  </RowButton>
                  <RowButton of={server.name} onClick={() => onDelete(server)}>
                    Delete
                  </RowButton>
                </RowActions>
              ),
          },
        ]}
      />
    </>
  );
}
