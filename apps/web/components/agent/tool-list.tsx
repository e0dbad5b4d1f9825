'use client';

import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listAssignedMcpServers } from '@/lib/api/mcp-servers';
import type { AgentTool } from '@/lib/api/types';
import { queryKeys } from '@/lib/hooks/queries';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { draftOf, KIND_WORDS, newTool, titleOf, type ToolDraft, type ToolKind } from './tool-draft';
import { ToolForm } from './tool-form';
import styles from './agent.module.css';

const KINDS: readonly ToolKind[] = ['http', 'mcp', 'client'];

interface ToolListProps {
  workspaceId: string;
  tools: AgentTool[];
  onChange: (tools: AgentTool[]) => void;
}

/** The node's tools; one at a time is written in place. */
export function ToolList({ workspaceId, tools, onChange }: ToolListProps) {
  /** `at`: which one is written; the number of tools for a new one. */
  const [editing, setEditing] = useState<{ at: number; start: ToolDraft } | null>(null);
  const servers = useQuery({
    queryKey: queryKeys.mcpAssignments(workspaceId),
    queryFn: () => listAssignedMcpServers(workspaceId),
  });
  const serverName = (id: string) => servers.data?.find(({ mcpServerId }) => mcpServerId === id)?.name ?? id;
  const taken = tools.flatMap((tool, index) =>
    tool.type !== 'mcp' && index !== editing?.at ? [tool.name] : [],
  );
  const keep = (tool: AgentTool) => {
    if (editing) onChange(tools.toSpliced(editing.at, 1, tool));
    setEditing(null);
  };
  const form = editing && (
    <ToolForm
      start={editing.start}
      taken={taken}
      servers={servers.data ?? []}
      onSave={keep}
      onCancel={() => setEditing(null)}
    />
  );
  return (
    <div>
      <Text fw={500} size="sm" mb={4}>
        Tools
      </Text>
      {servers.error && <ProblemAlert error={servers.error} onRetry={() => void servers.refetch()} />}
      {tools.length > 0 && (
        <ul className={styles.toolList} aria-label="Tools">
          {tools.map((tool, index) => (
            <li key={index}>
              {editing?.at === index ? (
                form
              ) : (
                <ToolRow
                  tool={tool}
                  title={titleOf(tool, serverName)}
                  onEdit={() => setEditing({ at: index, start: draftOf(tool) })}
                  onRemove={() => {
                    setEditing(null);
                    onChange(tools.toSpliced(index, 1));
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {editing?.at === tools.length ? (
        form
      ) : (
        <Group gap="xs">
          {KINDS.map((kind) => (
            <Button
              key={kind}
              size="xs"
              variant="default"
              aria-label={`Add a tool: ${KIND_WORDS[kind]}`}
              onClick={() => setEditing({ at: tools.length, start: newTool(kind) })}
            >
              + {KIND_WORDS[kind]}
            </Button>
          ))}
        </Group>
      )}
    </div>
  );
}

interface ToolRowProps {
  tool: AgentTool;
  title: string;
  onEdit: () => void;
  onRemove: () => void;
}

function ToolRow({ tool, title, onEdit, onRemove }: ToolRowProps) {
  return (
    <div className={styles.toolRow}>
      <div>
        <span className="mono wrap">{title}</span>
        <span className={styles.note}>
          {KIND_WORDS[tool.type]}
          {tool.type === 'http' && `, ${tool.method}`}
          {tool.needsApproval && ', asks first'}
          {tool.type === 'mcp' && `, ${tool.tools ? tool.tools.join(', ') : 'all its tools'}`}
        </span>
      </div>
      <RowActions>
        <RowButton of={title} onClick={onEdit}>
          Edit
        </RowButton>
        <RowButton of={title} onClick={onRemove}>
          Remove
        </RowButton>
      </RowActions>
    </div>
  );
}
