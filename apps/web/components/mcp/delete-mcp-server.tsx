'use client';

import { Text } from '@mantine/core';
import { deleteMcpServer } from '@/lib/api/mcp-servers';
import type { McpServer } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

/** One that workspaces use must be named to go. */
export function DeleteMcpServer({ server, onClose }: { server: McpServer; onClose: () => void }) {
  const announce = useAnnounce();
  const { id, name, workspaceCount } = server;
  const inUse = workspaceCount > 0;
  const remove = useChange(
    () => deleteMcpServer(id, inUse),
    [queryKeys.mcpServers, queryKeys.allMcpAssignments, queryKeys.plan],
    () => announce(`${name} is deleted; its secret is erased`),
  );
  return (
    <Question title={`Delete ${name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={name}
          verb="Delete the server"
          mustType={inUse}
          error={remove.error}
          pending={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <Text>
            {inUse
              ? `${plural(workspaceCount, 'workspace loses', 'workspaces lose')} its tools at once: Agent nodes that name it are refused until they name another one.`
              : 'No workspace uses it: nothing stops working.'}
          </Text>
          <Text>What its Authorization header carried is erased and can’t be brought back.</Text>
        </ConfirmByName>
      )}
    </Question>
  );
}
