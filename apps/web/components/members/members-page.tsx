'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { approveMember, listMembers } from '@/lib/api/people';
import type { Member } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { MemberTable } from './member-table';
import { PendingList } from './pending-list';

const InviteList = dynamic(() => import('./invite-list').then((module) => module.InviteList), { ssr: false });
const CreateInvite = dynamic(() => import('./create-invite').then((module) => module.CreateInvite), {
  ssr: false,
});
const RemoveMember = dynamic(() => import('./remove-member').then((module) => module.RemoveMember), {
  ssr: false,
});

export function MembersPage() {
  const { data: session } = useSession();
  const announce = useAnnounce();
  const members = useQuery({ queryKey: queryKeys.members, queryFn: listMembers });
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
  const isOwner = session?.org?.role === 'OWNER';
  const approve = useChange(
    (member: Member) => approveMember(member.id),
    [queryKeys.members, queryKeys.plan],
    (_, { name }) => announce(`${name} is approved`),
  );
  const active = members.data?.filter((member) => member.status !== 'pending');
  const pending = members.data?.filter((member) => member.status === 'pending') ?? [];

  return (
    <>
      <PageHeader
        title="Members"
        purpose="Owners hold the keys, admins run workspaces and people, members work in the workspaces that they joined."
        action={<Button onClick={() => setInviting(true)}>New invite link</Button>}
      />
      {members.error ? (
        <ProblemAlert error={members.error} onRetry={() => void members.refetch()} />
      ) : (
        <>
          {approve.error && <ProblemAlert error={approve.error} />}
          {pending.length > 0 && (
            <Surface title="Waiting for approval" flush>
              <PendingList
                pending={pending}
                onApprove={(member) => approve.mutate(member)}
                onDecline={setRemoving}
                busy={approve.isPending}
              />
            </Surface>
          )}
          <Surface title="People" flush>
            <MemberTable
              members={active}
              self={session?.user.id}
              canPromote={isOwner}
              onRemove={setRemoving}
            />
          </Surface>
        </>
      )}
      <Surface title="Invite links" flush>
        <InviteList onCreate={() => setInviting(true)} />
      </Surface>
      {inviting && <CreateInvite canInviteOwners={isOwner} onClose={() => setInviting(false)} />}
      {removing && <RemoveMember member={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}
