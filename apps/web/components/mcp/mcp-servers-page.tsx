'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { listMcpServers } from '@/lib/api/mcp-servers';
import type { McpServer } from '@/lib/api/types';
import { queryKeys } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status } from '@/components/ui/status';
import { Surface } from '@/components/ui/surface';
import { McpServerTable } from './mcp-server-table';

const McpServerDrawer = dynamic(
  () => import('./mcp-server-drawer').then((module) => module.McpServerDrawer),
  {
    ssr: false,
  },
);
const DeleteMcpServer = dynamic(
  () => import('./delete-mcp-server').then((module) => module.DeleteMcpServer),
  {
    ssr: false,
  },
);

type Panel = { kind: 'add' } | { kind: 'open' | 'delete'; server: McpServer };

export function McpServersPage() {
  const { data: session } = useSession();
  const isOwner = session?.org?.role === 'OWNER';
  const servers = useQuery({ queryKey: queryKeys.mcpServers, queryFn: listMcpServers });
  const [panel, setPanel] = useState<Panel | null>(null);
  const close = () => setPanel(null);
  const isEmpty = servers.data?.length === 0;
  const add = isOwner && <Button onClick={() => setPanel({ kind: 'add' })}>Add an MCP server</Button>;
  return (
    <>
      <PageHeader
        title="MCP servers"
        purpose="Servers that bring tools. Each is registered once and may be used in the workspaces that it was handed to, and in no others."
        action={!isEmpty && add}
      />
      {servers.error ? (
        <ProblemAlert error={servers.error} onRetry={() => void servers.refetch()} />
      ) : (
        <Surface flush>
          {isEmpty ? (
            <Empty
              title="No MCP servers yet"
              picture={<Status tone="good">Tickets, handed to Production</Status>}
              action={add}
            >
              Register where a server speaks streamable HTTP and what its Authorization header carries, then
              hand it to workspaces: their Agent nodes can pick its tools.
              {!isOwner && ' An owner of the organization can do that.'}
            </Empty>
          ) : (
            <McpServerTable
              servers={servers.data}
              isOwner={isOwner}
              onOpen={(server) => setPanel({ kind: 'open', server })}
              onDelete={(server) => setPanel({ kind: 'delete', server })}
            />
          )}
        </Surface>
      )}
      {panel?.kind === 'add' && (
        <McpServerDrawer
          server={null}
          onSaved={(server) => setPanel({ kind: 'open', server })}
          onClose={close}
        />
      )}
      {panel?.kind === 'open' && (
        <McpServerDrawer
          key={panel.server.id}
          server={servers.data?.find(({ id }) => id === panel.server.id) ?? panel.server}
          onClose={close}
        />
      )}
      {panel?.kind === 'delete' && <DeleteMcpServer server={panel.server} onClose={close} />}
    </>
  );
}
