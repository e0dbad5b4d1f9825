'use client';

import { NativeSelect, Text } from '@mantine/core';
import { changeRole } from '@/lib/api/people';
import type { Member, OrgRole } from '@/lib/api/types';
import { date } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { ReadOnly } from '@/components/ui/read-only';
import { RowActions, RowButton } from '@/components/ui/row-button';

interface MemberTableProps {
  members: Member[] | undefined;
  self: string | undefined;
  /** Owners may make owners; others choose among the lower roles. */
  canPromote: boolean;
  onRemove: (member: Member) => void;
}

function rolesFor(canPromote: boolean, current: OrgRole): OrgRole[] {
  return canPromote || current === 'OWNER' ? ['OWNER', 'ADMIN', 'MEMBER'] : ['ADMIN', 'MEMBER'];
}

export function MemberTable({ members, self, canPromote, onRemove }: MemberTableProps) {
  const announce = useAnnounce();
  const change = useChange(
    ({ member, role }: { member: Member; role: OrgRole }) => changeRole(member.id, role),
    [queryKeys.members, SESSION_KEY],
    (_, { member, role }) => announce(`${member.name} is now ${role.toLowerCase()}`),
  );
  const locked = (member: Member) => member.role === 'OWNER' && !canPromote;
  return (
    <>
      {change.error && <ProblemAlert error={change.error} />}
      <DataTable
        label="People"
        rows={members}
        rowKey={(member) => member.id}
        columns={[
          {
            key: 'name',
            title: 'Name',
            cell: ({ name, email, userId, ...member }) => (
              <div>
                <Text fw={600}>
                  {name} {userId === self && <Quiet>(you)</Quiet>}
                </Text>
                <Text size="xs" c="dimmed">
                  {email}
                </Text>
                <ReadOnly of={member} />
              </div>
            ),
          },
          {
            key: 'role',
            title: 'Role',
            cell: (member) => (
              <NativeSelect
                size="xs"
                w={130}
                aria-label={`Role of ${member.name}`}
                value={
                  change.isPending && change.variables.member.id === member.id
                    ? change.variables.role
                    : member.role
                }
                disabled={locked(member) || change.isPending}
                onChange={(event) => change.mutate({ member, role: event.currentTarget.value as OrgRole })}
              >
                {rolesFor(canPromote, member.role).map((role) => (
                  <option key={role} value={role}>
                    {role.toLowerCase()}
                  </option>
                ))}
              </NativeSelect>
            ),
          },
          { key: 'since', title: 'Joined', cell: ({ createdAt }) => date(createdAt) },
          {
            key: 'actions',
            title: 'Actions',
            quietTitle: true,
            cell: (member) => (
              <RowActions>
                <RowButton of={member.name} disabled={locked(member)} onClick={() => onRemove(member)}>
                  Remove
                </RowButton>
              </RowActions>
            ),
          },
        ]}
      />
    </>
  );
}
