'use client';

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { updateWorkspace } from '@/lib/api/workspaces';
import type { Workspace, WorkspaceChange } from '@/lib/api/types';
import { queryKeys, useChange, useProviders } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';

function changeOf(workspace: Workspace, name: string, provider: string): WorkspaceChange {
  const change: WorkspaceChange = {};
  if (name.trim() !== workspace.name) change.name = name.trim();
  if (provider && provider !== workspace.defaultProvider) change.defaultProvider = provider;
  if (!provider && workspace.defaultProvider) change.clear = ['defaultProvider'];
  return change;
}

/** The workspace's name and the provider that serves calls which name none. */
export function WorkspaceGeneral({ workspace, onSaved }: { workspace: Workspace; onSaved: () => void }) {
  const announce = useAnnounce();
  const providers = useProviders();
  const [name, setName] = useState(workspace.name);
  const [provider, setProvider] = useState(workspace.defaultProvider ?? '');
  const change = changeOf(workspace, name, provider);
  const save = useChange(
    () => updateWorkspace(workspace.id, change),
    [queryKeys.workspaces, queryKeys.models(workspace.id), SESSION_KEY],
    () => {
      announce(`${name.trim()} is saved`);
      onSaved();
    },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Default provider"
          description="Used when a call names neither a model nor a provider"
          value={provider}
          onChange={(event) => setProvider(event.currentTarget.value)}
        >
          <option value="">None: the key of highest priority decides</option>
          {providers.data?.map(({ slug, name: label }) => (
            <option key={slug} value={slug}>
              {label}
            </option>
          ))}
        </NativeSelect>
        {save.error && <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          <Button
            type="submit"
            disabled={!name.trim() || Object.keys(change).length === 0}
            loading={save.isPending}
          >
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
