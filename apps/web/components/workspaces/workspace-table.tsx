'use client';

import { Anchor, Text } from '@mantine/core';
import Link from 'next/link';
import type { Workspace } from '@/lib/api/types';
import { count } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';

interface WorkspaceTableProps {
  workspaces: Workspace[] | undefined;
  onEdit: (workspace: Workspace) => void;
  onDelete: (workspace: Workspace) => void;
}

export function WorkspaceTable({ workspaces, onEdit, onDelete }: WorkspaceTableProps) {
  return (
    <DataTable
      label="Workspaces"
      rows={workspaces}
      rowKey={(workspace) => workspace.id}
      columns={[
        {
          key: 'name',
          title: 'Name',
          cell: ({ name, slug, isDefault }) => (
            <div>
              <Anchor
                component={Link}
                href={`/w/${slug}/agent`}
                prefetch={false}
                fw={600}
                c="inherit"
                underline="always"
              >
                {name}
              </Anchor>
              <Text size="xs" c="dimmed" className="mono">
                {slug}
                {isDefault && ' · default'}
              </Text>
            </div>
          ),
        },
        {
          key: 'keys',
          title: 'Keys',
          numeric: true,
          cell: ({ keyCount }) => (keyCount === 0 ? <Quiet>none yet</Quiet> : count(keyCount)),
        },
        { key: 'members', title: 'Members', numeric: true, cell: ({ memberCount }) => count(memberCount) },
        {
          key: 'provider',
          title: 'Default provider',
          cell: ({ defaultProvider }) => defaultProvider ?? <Quiet>by priority</Quiet>,
        },
        {
          key: 'actions',
          title: 'Actions',
          quietTitle: true,
          cell: (workspace) => (
            <RowActions>
              <RowButton of={workspace.name} onClick={() => onEdit(workspace)}>
                Edit
              </RowButton>
              <RowButton of={workspace.name} onClick={() => onDelete(workspace)}>
                Delete
              </RowButton>
            </RowActions>
          ),
        },
      ]}
    />
  );
}
