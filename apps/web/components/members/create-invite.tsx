'use client';

import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { createInvite } from '@/lib/api/people';
import type { OrgRole } from '@/lib/api/types';
import { date } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { CodeBlock } from '@/components/ui/code-block';
import { Question } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';

/** Makes a link; it is shown once, because only its hash is kept. */
export function CreateInvite({
  canInviteOwners,
  onClose,
}: {
  canInviteOwners: boolean;
  onClose: () => void;
}) {
  const [role, setRole] = useState<OrgRole>('MEMBER');
  const create = useChange(() => createInvite(role), [queryKeys.invites]);
  return (
    <Question title="New invite link" onClosed={onClose}>
      {(close) => (
        <Stack>
          {create.data ? (
            <>
              <Text>
                Send this link to the people who are to join. It is shown once; whoever opens it waits for an
                owner’s approval. {create.data.expiresAt && `It ends on ${date(create.data.expiresAt)}.`}
              </Text>
              <CodeBlock
                code={`${window.location.origin}/invite/${create.data.token}`}
                what="the invite link"
              />
            </>
          ) : (
            <NativeSelect
              label="Role"
              description="What people who come by this link become, once approved"
              value={role}
              onChange={(event) => setRole(event.currentTarget.value as OrgRole)}
            >
              <option value="MEMBER">member: works in workspaces</option>
              {canInviteOwners && <option value="ADMIN">admin: runs workspaces and people</option>}
            </NativeSelect>
          )}
          {create.error && <ProblemAlert error={create.error} />}
          <Group justify="flex-end">
            {create.data ? (
              <Button onClick={close}>Done</Button>
            ) : (
              <Button loading={create.isPending} onClick={() => create.mutate(undefined)}>
                Create the link
              </Button>
            )}
          </Group>
        </Stack>
      )}
    </Question>
  );
}
