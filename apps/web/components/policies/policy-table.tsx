'use client';

import { Text } from '@mantine/core';
import type { Policy, PolicyScope, Token, Workspace } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import { ruleWords, SEVERITY_WORDS } from './rule-words';

interface PolicyTableProps {
  policies: Policy[] | undefined;
  workspaces: Workspace[] | undefined;
  tokens: Token[] | undefined;
  onEdit: (policy: Policy) => void;
  onExceptions: (policy: Policy) => void;
  onHistory: (policy: Policy) => void;
}

function Severity({ policy }: { policy: Policy }) {
  if (!policy.enabled) return <Status tone="quiet">Off</Status>;
  const tone = { LOW: 'good', MEDIUM: 'warn', HIGH: 'bad' } as const;
  return <Status tone={tone[policy.severity]}>{SEVERITY_WORDS[policy.severity]}</Status>;
}

export function scopeWords(
  scope: PolicyScope,
  workspaces: Workspace[] | undefined,
  tokens: Token[] | undefined,
): string {
  if (scope.type === 'organization') return 'Whole organization';
  const named = (scope.type === 'workspace' ? workspaces : tokens)?.find(({ id }) => id === scope.id);
  return `${scope.type === 'workspace' ? 'Workspace' : 'Token'} ${named?.name ?? scope.id}`;
}

export function PolicyTable({
  policies,
  workspaces,
  tokens,
  onEdit,
  onExceptions,
  onHistory,
}: PolicyTableProps) {
  return (
    <DataTable
      label="Policies"
      rows={policies}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'name',
          title: 'Name',
          cell: ({ name, description }) => (
            <div>
              <Text fw={600}>{name}</Text>
              {description && (
                <Text size="xs" c="dimmed">
                  {description}
                </Text>
              )}
            </div>
          ),
        },
        { key: 'scope', title: 'Covers', cell: ({ scope }) => scopeWords(scope, workspaces, tokens) },
        { key: 'severity', title: 'Violations are', cell: (policy) => <Severity policy={policy} /> },
        {
          key: 'rules',
          title: 'Rules',
          cell: ({ rules }) => (
            <div>
              {rules.map((rule, index) => (
                <Text key={index} size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {ruleWords(rule)}
                </Text>
              ))}
            </div>
          ),
        },
        {
          key: 'violations',
          title: '30 days',
          numeric: true,
          cell: ({ violationCount, lastViolationAt }) =>
            violationCount === 0 ? <Quiet>none</Quiet> : `${violationCount}, last ${ago(lastViolationAt)}`,
        },
        {
          key: 'actions',
          title: 'Actions',
          quietTitle: true,
          cell: (policy) => (
            <RowActions>
              <RowButton of={policy.name} onClick={() => onEdit(policy)}>
                Edit
              </RowButton>
              <RowButton of={policy.name} onClick={() => onExceptions(policy)}>
                Exceptions
              </RowButton>
              <RowButton of={policy.name} onClick={() => onHistory(policy)}>
                History
              </RowButton>
            </RowActions>
          ),
        },
      ]}
    />
  );
}
