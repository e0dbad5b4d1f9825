import { Text } from '@mantine/core';
import type { Member } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { RowActions, RowButton } from '@/components/ui/row-button';

interface PendingListProps {
  pending: Member[];
  busy: boolean;
  onApprove: (member: Member) => void;
  onDecline: (member: Member) => void;
}

/** People who came by an invite link and see nothing until they are approved. */
export function PendingList({ pending, busy, onApprove, onDecline }: PendingListProps) {
  return (
    <DataTable
      label="Waiting for approval"
      rows={pending}
      rowKey={(member) => member.id}
      columns={[
        {
          key: 'name',
          title: 'Name',
          cell: ({ name, email }) => (
            <div>
              <Text fw={600}>{name}</Text>
              <Text size="xs" c="dimmed">
                {email}
              </Text>
            </div>
          ),
        },
        { key: 'role', title: 'Would become', cell: ({ role }) => role.toLowerCase() },
        { key: 'asked', title: 'Asked', cell: ({ createdAt }) => ago(createdAt) },
        {
          key: 'actions',
          title: 'Actions',
          quietTitle: true,
          cell: (member) => (
            <RowActions>
              <RowButton of={member.name} variant="filled" disabled={busy} onClick={() => onApprove(member)}>
                Approve
              </RowButton>
              <RowButton of={member.name} onClick={() => onDecline(member)}>
                Decline
              </RowButton>
            </RowActions>
          ),
        },
      ]}
    />
  );
}
