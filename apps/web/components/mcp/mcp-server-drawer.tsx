'use client';

import { Tabs } from '@mantine/core';
import type { McpServer } from '@/lib/api/types';
import { SidePanel } from '@/components/ui/overlays';
import { McpServerForm } from './mcp-server-form';
import { McpServerWorkspaces } from './mcp-server-workspaces';

interface McpServerDrawerProps {
  /** null: a new one. */
  server: McpServer | null;
  /** What to do with a new one that is registered. */
  onSaved?: (server: McpServer) => void;
  onClose: () => void;
}

/** Where a server is, and which workspaces may use it; a new one gets its address first. */
export function McpServerDrawer({ server, onSaved, onClose }: McpServerDrawerProps) {
  if (!server) {
    return (
      <SidePanel title="Add an MCP server" onClosed={onClose}>
        {(close) => <McpServerForm server={null} onSaved={onSaved ?? close} onCancel={close} />}
      </SidePanel>
    );
  }
  return (
    <SidePanel title={server.name} onClosed={onClose}>
      {(close) => (
        <Tabs defaultValue="workspaces" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="workspaces">Workspaces</Tabs.Tab>
            <Tabs.Tab value="server">Server</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="workspaces">
            <McpServerWorkspaces server={server} />
          </Tabs.Panel>
          <Tabs.Panel value="server">
            <McpServerForm server={server} onSaved={close} onCancel={close} />
          </Tabs.Panel>
        </Tabs>
      )}
    </SidePanel>
  );
}
