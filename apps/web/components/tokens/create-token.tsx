'use client';

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createBoundToken } from '@/lib/api/bound-tokens';
import type { TokenKind, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { BoundsFields } from './bounds-fields';
import { ShownOnce } from './shown-once';
import { boundFaults, boundsOf, NO_BOUNDS, ratesOf } from './token-bounds';

interface CreateTokenProps {
  workspaces: Workspace[];
  onClose: () => void;
}

export function CreateToken({ workspaces, onClose }: CreateTokenProps) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<TokenKind>('engine');
  const [workspaceId, setWorkspaceId] = useState(workspaces[0]?.id ?? '');
  const [expiresOn, setExpiresOn] = useState('');
  const [draft, setDraft] = useState(NO_BOUNDS);
  // A token of the control plane makes no calls.
  const bounds = kind === 'api' ? NO_BOUNDS : draft;
  const limits = ratesOf(bounds);
  const create = useChange(
    () =>
      createBoundToken(
        {
          name: name.trim(),
          kind,
          ...(workspaceId ? { workspaceId } : {}),
          ...(expiresOn ? { expiresAt: `${expiresOn}T23:59:59Z` } : {}),
          ...(limits && { limits }),
        },
        boundsOf(bounds),
      ),
    [queryKeys.tokens, queryKeys.policies, queryKeys.quotas],
  );
  const isSound = Object.keys(boundFaults(bounds)).length === 0;
  const ready = isSound && name.trim() !== '' && (kind !== 'workspace' || workspaceId !== '');
  return (
    <SidePanel title="New token" onClosed={onClose}>
      {(close) =>
        create.data ? (
          <ShownOnce created={create.data} workspaces={workspaces} onDone={close} />
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) create.mutate(undefined);
            }}
          >
            <Stack>
              <TextInput
                data-autofocus
                label="Name"
                description="Who or what will use it"
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <NativeSelect
                label="For"
                value={kind}
                onChange={(event) => setKind(event.currentTarget.value as TokenKind)}
              >
                <option value="engine">a workflow engine: runs Agent nodes</option>
                <option value="workspace">an application: calls models of one workspace</option>
                <option value="api">the control plane: what you may do here, by script</option>
              </NativeSelect>
              <NativeSelect
                label="Workspace"
                description={
                  kind === 'workspace'
                    ? 'The only one that it will ever reach'
                    : 'A token for one workspace can reach no other'
                }
                value={workspaceId}
                onChange={(event) => setWorkspaceId(event.currentTarget.value)}
              >
                {kind !== 'workspace' && <option value="">the whole organization</option>}
                {workspaces.map((workspace) => (
                  <option key={workspace.id} value={workspace.id}>
                    {workspace.name}
                  </option>
                ))}
              </NativeSelect>
              <TextInput
                label="Expires on"
                description="Empty: never"
                type="date"
                value={expiresOn}
                onChange={(event) => setExpiresOn(event.currentTarget.value)}
              />
              {kind !== 'api' && <BoundsFields draft={draft} onChange={setDraft} />}
              {create.error && <ProblemAlert error={create.error} />}
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button type="submit" disabled={!ready} loading={create.isPending}>
                  Create the token
                </Button>
              </Group>
            </Stack>
          </form>
        )
      }
    </SidePanel>
  );
}
