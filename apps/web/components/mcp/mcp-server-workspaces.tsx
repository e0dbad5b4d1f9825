'use client';

import { Checkbox, Skeleton, Stack, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { handMcpServer, listAssignedMcpServers } from '@/lib/api/mcp-servers';
import type { McpServer } from '@/lib/api/types';
import { queryKeys, useChange, useWorkspaces } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';

/** Which workspaces may use the server: a tick hands it to one, and takes effect at once. */
export function McpServerWorkspaces({ server }: { server: McpServer }) {
  const announce = useAnnounce();
  const workspaces = useWorkspaces();
  const assigned = useQueries({
    queries: (workspaces.data ?? []).map(({ id }) => ({
      queryKey: queryKeys.mcpAssignments(id),
      queryFn: () => listAssignedMcpServers(id),
    })),
  });
  const change = useChange(
    ({ id, to }: { id: string; name: string; to: boolean }) => handMcpServer(id, server.id, to),
    [queryKeys.allMcpAssignments, queryKeys.mcpServers],
    (_, { name, to }) =>
      announce(`${server.name} is ${to ? `handed to ${name}` : `taken back from ${name}`}`),
  );
  const error = workspaces.error ?? assigned.find((query) => query.error)?.error ?? change.error;
  const waits = workspaces.isPending || assigned.some((query) => query.isPending);
  return (
    <Stack>
      <Text>Agent nodes of these workspaces can pick its tools. Without one it is usable nowhere.</Text>
      {error && <ProblemAlert error={error} />}
      {waits && !error && <Skeleton height={80} />}
      {!waits &&
        workspaces.data?.map(({ id, name }, index) => {
          const isPending = change.isPending && change.variables.id === id;
          const has = assigned[index]?.data?.some(({ mcpServerId }) => mcpServerId === server.id) ?? false;
          return (
            <Checkbox
              key={id}
              label={name}
              checked={isPending ? change.variables.to : has}
              onChange={(event) => {
                if (!change.isPending) change.mutate({ id, name, to: event.currentTarget.checked });
              }}
            />
          );
        })}
    </Stack>
  );
}
