'use client';

import { Text } from '@mantine/core';
import type { Policy, Quota, Token, TokenKind, Workspace } from '@/lib/api/types';
import { ago, date } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import { boundWords } from './token-bounds';

export const KIND_WORDS: Record<TokenKind, string> = {
  engine: 'Workflow engine',
  workspace: 'Application',
  api: 'Control plane',
};

interface TokenTableProps {
  tokens: Token[] | undefined;
  workspaces: Workspace[] | undefined;
  policies: Policy[] | undefined;
  quotas: Quota[] | undefined;
  onRoll: (token: Token) => void;
  onRevoke: (token: Token) => void;
}

function Expiry({ at }: { at: string | null }) {
  if (!at) return <Quiet>never</Quiet>;
  return Date.parse(at) < Date.now() ? <Status tone="bad">Expired</Status> : date(at);
}

function Bounds({ words }: { words: string[] }) {
  if (words.length === 0) return <Quiet>none</Quiet>;
  return (
    <Text size="sm" className="wrap">
      {words.join('; ')}
    </Text>
  );
}

export function TokenTable({
  tokens,
  workspaces,
  policies = [],
  quotas = [],
  onRoll,
  onRevoke,
}: TokenTableProps) {
  const scope = ({ workspaceId }: Token) =>
    workspaceId ? (
      (workspaces?.find((workspace) => workspace.id === workspaceId)?.name ?? workspaceId)
    ) : (
      <Quiet>whole organization</Quiet>
    );
  return (
    <DataTable
      label="Tokens"
      rows={tokens}
      rowKey={(token) => token.id}
      columns={[
        {
          key: 'name',
          title: 'Name',
          cell: ({ name, prefix }) => (
            <div>
              <Text fw={600}>{name}</Text>
              <Text size="xs" c="dimmed" className="mono">
                {prefix}
              </Text>
            </div>
          ),
        },
        { key: 'kind', title: 'For', cell: ({ kind }) => KIND_WORDS[kind] },
        { key: 'scope', title: 'Workspace', cell: scope },
        {
          key: 'limits',
          title: 'Limits of its own',
          cell: (token) => <Bounds words={boundWords(token, policies, quotas)} />,
        },
        {
          key: 'used',
          title: 'Last used',
          cell: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt) : <Quiet>never</Quiet>),
        },
        { key: 'expires', title: 'Expires', cell: ({ expiresAt }) => <Expiry at={expiresAt} /> },
        {
          key: 'actions',
          title: 'Actions',
          quietTitle: true,
          cell: (token) => (
            <RowActions>
              <RowButton of={token.name} onClick={() => onRoll(token)}>
                Roll
              </RowButton>
              <RowButton of={token.name} onClick={() => onRevoke(token)}>
                Revoke
              </RowButton>
            </RowActions>
          ),
        },
      ]}
    />
  );
}
