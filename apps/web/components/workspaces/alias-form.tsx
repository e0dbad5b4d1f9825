'use client';

import { Button, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { changeModelAlias, type ModelAliases } from '@/lib/api/model-aliases';
import type { ModelAlias, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';

interface AliasFormProps {
  /** What was read, and what the change is made on. */
  aliases: ModelAliases;
  /** null: a new one. */
  alias: ModelAlias | null;
  workspaces: Workspace[];
  onClose: () => void;
}

export function AliasForm({ aliases, alias, workspaces, onClose }: AliasFormProps) {
  const announce = useAnnounce();
  const [name, setName] = useState(alias?.name ?? '');
  const [workspaceId, setWorkspaceId] = useState(alias?.workspaceId ?? '');
  const [text, setText] = useState(alias?.models.join('\n') ?? '');
  const models = text.split('\n').flatMap((line) => line.trim() || []);
  const next: ModelAlias = { name: name.trim(), workspaceId: workspaceId || null, models };
  const save = useChange(
    () => changeModelAlias(aliases, alias, next),
    [queryKeys.modelAliases, queryKeys.allModels],
    () => announce(`The alias ${next.name} is saved`),
  );
  return (
    <SidePanel title={alias ? 'Edit alias' : 'New alias'} onClosed={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(undefined, { onSuccess: close });
          }}
        >
          <Stack>
            <TextInput
              data-autofocus
              label="Alias"
              description="What callers send as the model, for example fast. A model of this name wins."
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NativeSelect
              label="Where"
              description="In its workspace an alias wins over the organization’s of the same name."
              value={workspaceId}
              data={[
                { value: '', label: 'Whole organization' },
                ...workspaces.map(({ id, name: label }) => ({ value: id, label })),
              ]}
              onChange={(event) => setWorkspaceId(event.currentTarget.value)}
            />
            <Textarea
              label="Models, one a line"
              description="Ids of models, or @provider/model. The first one that a workspace may use is meant."
              autosize
              minRows={3}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {save.error && <ProblemAlert error={save.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" disabled={!next.name || models.length === 0} loading={save.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
