'use client';

import { NativeSelect, Text, Textarea } from '@mantine/core';
import type { AssignedMcpServer } from '@/lib/api/types';
import type { ToolDraft } from './tool-draft';

interface McpToolFieldsProps {
  draft: ToolDraft;
  fault: string | undefined;
  servers: AssignedMcpServer[];
  onChange: (change: Partial<ToolDraft>) => void;
}

function stateOf({ enabled, active }: AssignedMcpServer): string {
  return enabled && active ? '' : ' (switched off)';
}

/** A server that the workspace was handed, and which of its tools. */
export function McpToolFields({ draft, fault, servers, onChange }: McpToolFieldsProps) {
  if (servers.length === 0) {
    return (
      <Text size="sm">
        This workspace was handed no MCP server. An owner does that under Settings → MCP servers.
      </Text>
    );
  }
  return (
    <>
      <NativeSelect
        label="Server"
        value={draft.serverId}
        error={fault}
        data={[
          { value: '', label: 'Pick one' },
          ...servers.map((server) => ({
            value: server.mcpServerId,
            label: `${server.name}${stateOf(server)}`,
          })),
        ]}
        onChange={(event) => onChange({ serverId: event.currentTarget.value })}
      />
      <Textarea
        label="Only these of its tools"
        description="Its own names, one a line; empty: all"
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        value={draft.tools}
        onChange={(event) => onChange({ tools: event.currentTarget.value })}
      />
    </>
  );
}
