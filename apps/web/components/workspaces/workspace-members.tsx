'use client';

import { Checkbox, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listMembers } from '@/lib/api/people';
import { listWorkspaceMembers, removeFromWorkspace, setGrant } from '@/lib/api/workspaces';
import type { Member, Workspace, WorkspaceGrant } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import styles from './workspaces.module.css';

const GRANTS: readonly { key: keyof WorkspaceGrant; label: string }[] = [
  { key: 'canExecute', label: 'may run' },
  { key: 'canEdit', label: 'may edit' },
  { key: 'canDelete', label: 'may delete' },
];
const NOTHING: WorkspaceGrant = { canEdit: false, canDelete: false, canExecute: false };

/** Which members joined the workspace and what each may do in it. Owners and admins see every workspace. */
export function WorkspaceMembers({ workspace }: { workspace: Workspace }) {
  const announce = useAnnounce();
  const members = useQuery({ queryKey: queryKeys.members, queryFn: listMembers });
  const grantsKey = ['workspace-members', workspace.id];
  const joined = useQuery({ queryKey: grantsKey, queryFn: () => listWorkspaceMembers(workspace.id) });
  const change = useChange(
    ({ member, grant }: { member: Member; grant: WorkspaceGrant | null }) =>
      grant ? setGrant(workspace.id, member.id, grant) : removeFromWorkspace(workspace.id, member.id),
    [grantsKey, queryKeys.workspaces, queryKeys.members],
    (_, { member, grant }) =>
      announce(grant ? `What ${member.name} may do is saved` : `${member.name} left ${workspace.name}`),
  );
  const failed = members.error ?? joined.error;
  if (failed) return <ProblemAlert error={failed} onRetry={() => void joined.refetch()} />;
  if (!members.data || !joined.data) return <Skeleton height={160} />;
  const people = members.data.filter((member) => member.role === 'MEMBER' && member.status === 'active');
  const shown = (member: Member): WorkspaceGrant | null => {
    if (change.isPending && change.variables.member.id === member.id) return change.variables.grant;
    return joined.data.find((entry) => entry.memberId === member.id) ?? null;
  };
  return (
    <Stack>
      <Text c="dimmed">
        Members see only the workspaces that they joined. Everything beyond seeing is off until you grant it;
        owners and admins need no grant.
      </Text>
      {change.error && <ProblemAlert error={change.error} />}
      {people.length === 0 && (
        <Text>The organization has no members beside owners and admins. Invite some under Members.</Text>
      )}
      <div>
        {people.map((member) => (
          <MemberGrants
            key={member.id}
            member={member}
            grant={shown(member)}
            onChange={(grant) => change.mutate({ member, grant })}
          />
        ))}
      </div>
    </Stack>
  );
}

interface MemberGrantsProps {
  member: Member;
  grant: WorkspaceGrant | null;
  onChange: (grant: WorkspaceGrant | null) => void;
}

function MemberGrants({ member, grant, onChange }: MemberGrantsProps) {
  const current: WorkspaceGrant | null = grant
    ? { canEdit: grant.canEdit, canDelete: grant.canDelete, canExecute: grant.canExecute }
    : null;
  return (
    <div className={styles.item} role="group" aria-label={member.name}>
      <Checkbox
        label={member.name}
        description={member.email}
        checked={current !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? NOTHING : null)}
      />
      {current && (
        <div className={styles.grants} style={{ paddingLeft: 32 }}>
          {GRANTS.map(({ key, label }) => (
            <Checkbox
              key={key}
              size="xs"
              label={label}
              aria-label={`${member.name} ${label}`}
              checked={current[key]}
              onChange={(event) => onChange({ ...current, [key]: event.currentTarget.checked })}
            />
          ))}
        </div>
      )}
    </div>
  );
}
