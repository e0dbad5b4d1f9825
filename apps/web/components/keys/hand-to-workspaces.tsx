'use client';

import { Button, Checkbox, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { listAssignments, saveAssignments } from '@/lib/api/workspaces';
import type { AiProvider } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { KEY_STALE, useChange, useWorkspaces } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status } from '@/components/ui/status';

/** Adds the key to a workspace behind those it already has. */
async function handTo(workspaceId: string, aiProviderId: string): Promise<void> {
  const current = await listAssignments(workspaceId);
  if (current.some((assignment) => assignment.aiProviderId === aiProviderId)) return;
  const last = Math.max(-1, ...current.map((assignment) => assignment.priority ?? 0));
  await saveAssignments(workspaceId, [
    ...current,
    { aiProviderId, priority: last + 1, weight: 1, active: true },
  ]);
}

/** The last step of adding a key: a new key is usable nowhere until it is handed to a workspace. */
export function HandToWorkspaces({ added, onDone }: { added: AiProvider; onDone: () => void }) {
  const announce = useAnnounce();
  const workspaces = useWorkspaces();
  const [chosen, setChosen] = useState<string[]>([]);
  const hand = useChange(
    async (ids: string[]) => {
      for (const id of ids) await handTo(id, added.id);
    },
    KEY_STALE,
    (_, ids) => {
      announce(`${added.name} was handed to ${plural(ids.length, 'workspace')}`);
      onDone();
    },
  );
  return (
    <Stack>
      <Status tone="good">{`${added.name} is saved as ${added.mask ?? 'a key without a secret'}`}</Status>
      <Text>Which workspaces may use it? Without one it is usable nowhere.</Text>
      {workspaces.error && <ProblemAlert error={workspaces.error} />}
      {workspaces.isPending && <Skeleton height={80} />}
      <Checkbox.Group label="Workspaces" value={chosen} onChange={setChosen}>
        <Stack gap="xs" mt="xs">
          {workspaces.data?.map(({ id, name }) => (
            <Checkbox key={id} value={id} label={name} />
          ))}
        </Stack>
      </Checkbox.Group>
      {hand.error && <ProblemAlert error={hand.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          Later
        </Button>
        <Button disabled={chosen.length === 0} loading={hand.isPending} onClick={() => hand.mutate(chosen)}>
          {chosen.length === 0 ? 'Hand to workspaces' : `Hand to ${plural(chosen.length, 'workspace')}`}
        </Button>
      </Group>
    </Stack>
  );
}
