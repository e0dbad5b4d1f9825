'use client';

import { List, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deleteKey, keyDependents } from '@/lib/api/keys';
import type { AiProvider } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { KEY_STALE, useChange, useWorkspaces } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';

/** Deleting shows the blast radius first; a key in use must be named to go. */
export function DeleteKeyModal({ target, onClose }: { target: AiProvider; onClose: () => void }) {
  const announce = useAnnounce();
  const dependents = useQuery({
    queryKey: ['dependents', target.id],
    queryFn: () => keyDependents(target.id),
    staleTime: 0,
  });
  const workspaces = useWorkspaces();
  const used = dependents.data?.counts?.workspaces ?? 0;
  const judged = dependents.data?.counts?.policies ?? 0;
  const inUse = used + judged > 0;
  const names = dependents.data?.sampleIds?.workspaces.map(
    (id) => workspaces.data?.find((workspace) => workspace.id === id)?.name ?? id,
  );
  const remove = useChange(
    () => deleteKey(target.id, inUse),
    KEY_STALE,
    () => announce(`${target.name} is deleted; its ciphertext is destroyed`),
  );
  return (
    <Question title={`Delete ${target.name}`} onClosed={onClose}>
      {(close) => {
        if (dependents.error)
          return <ProblemAlert error={dependents.error} onRetry={() => void dependents.refetch()} />;
        if (!dependents.data) return <Skeleton height={120} />;
        return (
          <ConfirmByName
            name={target.name}
            verb="Delete the key"
            mustType={inUse}
            error={remove.error}
            pending={remove.isPending}
            onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
            onCancel={close}
          >
            <Text>
              The sealed secret is destroyed and can’t be brought back. Usage receipts and the audit history
              stay.
            </Text>
            {!inUse && <Text>No workspace uses this key: nothing stops working.</Text>}
            {judged > 0 && (
              <Text>
                {plural(judged, 'policy has', 'policies have')} what is said judged by this key. Those of
                severity HIGH refuse every call without it.
              </Text>
            )}
            {used > 0 && (
              <div>
                <Text fw={600}>{plural(used, 'workspace loses', 'workspaces lose')} this key at once:</Text>
                <List size="sm">
                  {names?.map((name) => (
                    <List.Item key={name}>{name}</List.Item>
                  ))}
                  {names && used > names.length && <List.Item>and {used - names.length} more</List.Item>}
                </List>
                <Text mt="xs" size="sm">
                  Their calls fail with <span className="mono">no_provider_key</span> unless another key of
                  this provider is handed to them.
                </Text>
              </div>
            )}
          </ConfirmByName>
        );
      }}
    </Question>
  );
}
