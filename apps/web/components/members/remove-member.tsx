'use client';

import { Text } from '@mantine/core';
import { removeMember } from '@/lib/api/people';
import type { Member } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

/** Removes a member, or declines one who is waiting. */
export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const announce = useAnnounce();
  const pending = member.status === 'pending';
  const verb = pending ? 'Decline' : 'Remove';
  const remove = useChange(
    () => removeMember(member.id),
    [queryKeys.members, queryKeys.plan, queryKeys.workspaces, SESSION_KEY],
    () => announce(`${member.name} is ${pending ? 'declined' : 'removed'}`),
  );
  return (
    <Question title={`${verb} ${member.name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={member.name}
          verb={verb}
          mustType={false}
          error={remove.error}
          pending={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <Text>
            {pending
              ? 'They have seen nothing so far and will not. The invite link keeps working until you switch it off.'
              : 'They lose every workspace and their tokens stop working at once. Keys that they added stay with the organization.'}
          </Text>
        </ConfirmByName>
      )}
    </Question>
  );
}
