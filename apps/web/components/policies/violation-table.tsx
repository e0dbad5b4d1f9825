'use client';

import { Text } from '@mantine/core';
import type { PolicyViolation, Workspace } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Status } from '@/components/ui/status';
import { ACTION_WORDS } from './rule-words';

const TONES = { logged: 'good', alerted: 'warn', blocked: 'bad' } as const;

interface ViolationTableProps {
  violations: PolicyViolation[] | undefined;
  workspaces: Workspace[] | undefined;
}

/** The newest calls that broke a policy. */
export function ViolationTable({ violations, workspaces }: ViolationTableProps) {
  return (
    <DataTable
      label="Violations"
      rows={violations}
      rowKey={({ id }) => id}
      columns={[
        { key: 'at', title: 'When', cell: ({ at }) => ago(at) },
        {
          key: 'policy',
          title: 'Policy',
          cell: ({ policyName, policyVersion, detail }) => (
            <div>
              <Text fw={600}>
                {policyName}{' '}
                <Text span size="xs" c="dimmed">
                  version {policyVersion}
                </Text>
              </Text>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {detail}
              </Text>
            </div>
          ),
        },
        {
          key: 'action',
          title: 'What came of it',
          cell: ({ action }) => <Status tone={TONES[action]}>{ACTION_WORDS[action]}</Status>,
        },
        {
          key: 'workspace',
          title: 'Workspace',
          cell: ({ workspaceId }) => workspaces?.find(({ id }) => id === workspaceId)?.name ?? workspaceId,
        },
      ]}
    />
  );
}
