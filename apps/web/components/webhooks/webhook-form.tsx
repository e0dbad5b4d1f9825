'use client';

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { NewWebhook, Webhook, WebhookEvent, Workspace } from '@/lib/api/types';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { EventFields } from './event-fields';
import { hearable } from './event-words';

interface WebhookFormProps {
  /** null: a new one. */
  webhook: Webhook | null;
  workspaces: Workspace[];
  error: unknown;
  pending: boolean;
  onSave: (webhook: NewWebhook) => void;
  onCancel: () => void;
}

/** Name, address and what it is told of; for which workspace is said once, when it is made. */
export function WebhookForm({ webhook, workspaces, error, pending, onSave, onCancel }: WebhookFormProps) {
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [workspaceId, setWorkspaceId] = useState(webhook?.workspaceId ?? '');
  const [events, setEvents] = useState<WebhookEvent[]>(webhook?.events ?? ['run.finished', 'run.failed']);
  const ofWorkspace = workspaceId !== '';
  const told = hearable(events, ofWorkspace);
  const ready = name.trim() !== '' && url.trim() !== '' && told.length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        onSave({
          name: name.trim(),
          url: url.trim(),
          events: told,
          ...(ofWorkspace && { workspaceId }),
        });
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label="Name"
          description="Who is told"
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="URL"
          description="Where messages are posted: https, at a public address"
          placeholder="https://hooks.example.com/claviger"
          type="url"
          autoComplete="off"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <NativeSelect
          label="Workspace"
          description={
            webhook
              ? 'It can’t be changed: make another webhook for another workspace'
              : 'What happens there is told, and nothing of the others'
          }
          disabled={webhook !== null}
          value={workspaceId}
          onChange={(event) => setWorkspaceId(event.currentTarget.value)}
        >
          <option value="">the whole organization</option>
          {workspaces.map((workspace) => (
            <option key={workspace.id} value={workspace.id}>
              {workspace.name}
            </option>
          ))}
        </NativeSelect>
        <EventFields events={told} ofWorkspace={ofWorkspace} onChange={setEvents} />
        {error !== null && error !== undefined && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={pending}>
            {webhook ? 'Save' : 'Add the webhook'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
