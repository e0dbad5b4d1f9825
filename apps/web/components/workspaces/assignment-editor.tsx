'use client';

import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { previewAssignments, saveAssignments } from '@/lib/api/workspaces';
import type { Assignment, Workspace } from '@/lib/api/types';
import { KEY_STALE, queryKeys, useAssignments, useChange, useKeys, useProviders } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { AssignmentItem } from './assignment-item';
import { AssignmentPreviewPane } from './assignment-preview';

/** Tick, see which models are gained and lost, save. Saving replaces all assignments of the workspace. */
export function AssignmentEditor({ workspace, onSaved }: { workspace: Workspace; onSaved: () => void }) {
  const announce = useAnnounce();
  const keys = useKeys();
  const providers = useProviders();
  const saved = useAssignments(workspace.id);
  const [edited, setEdited] = useState<Assignment[] | null>(null);
  const draft = edited ?? saved.data ?? [];
  const [settled] = useDebouncedValue(edited, 250);
  const preview = useQuery({
    queryKey: ['assignment-preview', workspace.id, settled],
    queryFn: () => previewAssignments(workspace.id, settled ?? []),
    enabled: settled !== null,
    staleTime: 0,
  });
  const save = useChange(
    () => saveAssignments(workspace.id, draft),
    [...KEY_STALE, queryKeys.workspaces],
    () => {
      announce(`The keys of ${workspace.name} are saved`);
      onSaved();
    },
  );
  const failed = keys.error ?? saved.error;
  if (failed) return <ProblemAlert error={failed} onRetry={() => void saved.refetch()} />;
  if (!keys.data || !saved.data) return <Skeleton height={240} />;

  const change = (aiProviderId: string, next: Assignment | null) => {
    const others = draft.filter((assignment) => assignment.aiProviderId !== aiProviderId);
    setEdited(next ? [...others, next] : others);
  };
  return (
    <Stack>
      <Text c="dimmed">
        Tick the keys that {workspace.name} may use. Among several that could serve a call, the lowest
        priority number goes first.
      </Text>
      {keys.data.length === 0 && (
        <Text>The organization has no keys yet. Add one under AI Providers first.</Text>
      )}
      <div>
        {keys.data.map((key) => (
          <AssignmentItem
            key={key.id}
            offered={key}
            provider={providers.data?.find((provider) => provider.slug === key.provider)}
            assignment={draft.find((assignment) => assignment.aiProviderId === key.id)}
            nextPriority={Math.max(-1, ...draft.map((assignment) => assignment.priority ?? 0)) + 1}
            onChange={(next) => change(key.id, next)}
          />
        ))}
      </div>
      <AssignmentPreviewPane changed={edited !== null} preview={preview.data} error={preview.error} />
      {save.error && <ProblemAlert error={save.error} />}
      <Group justify="flex-end">
        <Button disabled={edited === null} loading={save.isPending} onClick={() => save.mutate(undefined)}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
