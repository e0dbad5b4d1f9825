'use client';

import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deleteInvite, listInvites, switchInvite } from '@/lib/api/people';
import type { Invite } from '@/lib/api/types';
import { date, plural } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';

/** The links by which people ask to join: each can be switched off and deleted. */
export function InviteList({ onCreate }: { onCreate: () => void }) {
  const announce = useAnnounce();
  const invites = useQuery({ queryKey: queryKeys.invites, queryFn: listInvites });
  const toggle = useChange(
    ({ id, enabled }: Invite) => switchInvite(id, !enabled),
    [queryKeys.invites],
    (_, { enabled }) => announce(`The link is switched ${enabled ? 'off' : 'on'}`),
  );
  const remove = useChange(
    ({ id }: Invite) => deleteInvite(id),
    [queryKeys.invites],
    () => announce('The link is deleted'),
  );
  if (invites.error) return <ProblemAlert error={invites.error} onRetry={() => void invites.refetch()} />;
  if (invites.data?.length === 0) {
    return (
      <Empty
        title="No invite links"
        action={
          <Button variant="default" onClick={onCreate}>
            New invite link
          </Button>
        }
      >
        Send a link to the people who are to join. Whoever opens it waits for an owner’s approval.
      </Empty>
    );
  }
  const failed = toggle.error ?? remove.error;
  const title = (invite: Invite) => `the ${invite.role.toLowerCase()} link of ${date(invite.createdAt)}`;
  return (
    <>
      {failed && <ProblemAlert error={failed} />}
      <DataTable
        label="Invite links"
        rows={invites.data}
        rowKey={(invite) => invite.id}
        columns={[
          { key: 'role', title: 'Role', cell: (invite) => `Link for a new ${invite.role.toLowerCase()}` },
          { key: 'created', title: 'Created', cell: (invite) => date(invite.createdAt) },
          { key: 'uses', title: 'Used', cell: (invite) => plural(invite.uses, 'time') },
          {
            key: 'expires',
            title: 'Expires',
            cell: ({ expiresAt }) => (
              <>
                {expiresAt ? date(expiresAt) : <Quiet>never</Quiet>}
                {expiresAt && new Date(expiresAt) <= new Date() && <Quiet> (over)</Quiet>}
              </>
            ),
          },
          {
            key: 'enabled',
            title: 'Works',
            cell: (invite) => (
              <Switch
                size="sm"
                aria-label={`Works: ${title(invite)}`}
                checked={
                  toggle.isPending && toggle.variables.id === invite.id ? !invite.enabled : invite.enabled
                }
                onChange={() => toggle.mutate(invite)}
              />
            ),
          },
          {
            key: 'actions',
            title: 'Actions',
            quietTitle: true,
            cell: (invite) => (
              <RowActions>
                <RowButton of={title(invite)} onClick={() => remove.mutate(invite)}>
                  Delete
                </RowButton>
              </RowActions>
            ),
          },
        ]}
      />
    </>
  );
}
