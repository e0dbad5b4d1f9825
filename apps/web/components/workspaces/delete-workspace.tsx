'use client';

import { List, Text } from '@mantine/core';
import { deleteWorkspace } from '@/lib/api/workspaces';
import type { Workspace } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { KEY_STALE, queryKeys, useChange } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

export function DeleteWorkspace({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const announce = useAnnounce();
  const remove = useChange(
    () => deleteWorkspace(workspace.id),
    [...KEY_STALE, queryKeys.workspaces, queryKeys.tokens, SESSION_KEY],
    () => announce(`${workspace.name} is deleted`),
  );
  return (
    <Question title={`Delete ${workspace.name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={workspace.name}
          verb="Delete the workspace"
          error={remove.error}
          pending={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <div>
            <Text>
              Every call for this workspace fails from now on. The keys stay with the organization; usage
              receipts stay too.
            </Text>
            <List size="sm" mt="xs">
              <List.Item>{plural(workspace.keyCount, 'key')} handed to it are taken back</List.Item>
              <List.Item>
                {plural(workspace.memberCount, 'member loses', 'members lose')} their place in it
              </List.Item>
              <List.Item>its tokens stop working</List.Item>
            </List>
          </div>
        </ConfirmByName>
      )}
    </Question>
  );
}
