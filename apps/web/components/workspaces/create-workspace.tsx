'use client';

import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createWorkspace } from '@/lib/api/workspaces';
import type { Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { Question } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';

/** A new workspace begins with no keys; its keys are the next thing to choose. */
export function CreateWorkspace({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (workspace: Workspace) => void;
}) {
  const announce = useAnnounce();
  const [name, setName] = useState('');
  const create = useChange(
    () => createWorkspace({ name: name.trim() }),
    [queryKeys.workspaces, queryKeys.plan, SESSION_KEY],
    (workspace) => {
      announce(`${workspace.name} is created; it has no keys yet`);
      onCreated(workspace);
    },
  );
  return (
    <Question title="New workspace" onClosed={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) create.mutate(undefined);
          }}
        >
          <Stack>
            <TextInput
              data-autofocus
              label="Name"
              description="For example a product, a team or an environment"
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {create.error && <ProblemAlert error={create.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Question>
  );
}
