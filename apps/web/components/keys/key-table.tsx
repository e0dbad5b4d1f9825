'use client';

import { Text, UnstyledButton } from '@mantine/core';
import type { AiProvider, Provider } from '@/lib/api/types';
import { ago, count, money } from '@/lib/format';
import { DataTable, type Column } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { KeyState, TEST_WORDS } from './key-status';
import styles from './keys.module.css';

export type KeyAction = 'open' | 'test' | 'toggle' | 'delete';

interface KeyTableProps {
  keys: AiProvider[] | undefined;
  providers: Provider[] | undefined;
  /** Micro-USD by key; undefined: not known, or not yet. */
  spend: Map<string, number> | undefined;
  /** Owners may act; admins look. */
  canWrite: boolean;
  onAction: (action: KeyAction, key: AiProvider) => void;
}

/** The organization's keys. */
export function KeyTable({ keys, providers, spend, canWrite, onAction }: KeyTableProps) {
  const names = new Map(providers?.map((provider) => [provider.slug, provider.name]));
  const columns: Column<AiProvider>[] = [
    {
      key: 'name',
      title: 'Name',
      cell: (key) => (
        <KeyName
          named={key}
          provider={names.get(key.provider) ?? key.provider}
          onOpen={canWrite ? () => onAction('open', key) : undefined}
        />
      ),
    },
    { key: 'status', title: 'Status', cell: (key) => <KeyState of={key} /> },
    {
      key: 'workspaces',
      title: 'Workspaces',
      numeric: true,
      cell: (key) => (key.workspaceCount === 0 ? <Quiet>none yet</Quiet> : count(key.workspaceCount)),
    },
    {
      key: 'spend',
      title: '30-day spend',
      numeric: true,
      cell: ({ id }) => (spend ? money(spend.get(id) ?? 0) : <Quiet>…</Quiet>),
    },
    { key: 'test', title: 'Last test', cell: (key) => <LastTest tested={key} /> },
    {
      key: 'used',
      title: 'Last used',
      cell: (key) => (key.lastUsedAt ? ago(key.lastUsedAt) : <Quiet>never</Quiet>),
    },
  ];
  if (canWrite) {
    columns.push({
      key: 'actions',
      title: 'Actions',
      quietTitle: true,
      cell: (key) => (
        <RowActions>
          <RowButton of={key.name} onClick={() => onAction('test', key)}>
            Test
          </RowButton>
          <RowButton of={key.name} onClick={() => onAction('toggle', key)}>
            {key.enabled ? 'Disable' : 'Enable'}
          </RowButton>
          <RowButton of={key.name} onClick={() => onAction('delete', key)}>
            Delete
          </RowButton>
        </RowActions>
      ),
    });
  }
  return <DataTable label="Provider keys" columns={columns} rows={keys} rowKey={(key) => key.id} />;
}

interface KeyNameProps {
  named: AiProvider;
  provider: string;
  onOpen: (() => void) | undefined;
}

function KeyName({ named, provider, onOpen }: KeyNameProps) {
  return (
    <div>
      {onOpen ? (
        <UnstyledButton className={styles.open} onClick={onOpen}>
          {named.name}
        </UnstyledButton>
      ) : (
        <Text fw={600}>{named.name}</Text>
      )}
      <Text size="xs" c="dimmed">
        {provider}{' '}
        <span className={styles.mask}>{named.mask ?? (named.hasValue ? 'hidden' : 'no secret')}</span>
      </Text>
    </div>
  );
}

function LastTest({ tested }: { tested: AiProvider }) {
  if (!tested.lastTestStatus) return <Quiet>never</Quiet>;
  return (
    <div title={tested.lastTestMessage ?? undefined}>
      {TEST_WORDS[tested.lastTestStatus]}
      <Text size="xs" c="dimmed">
        {ago(tested.lastTestedAt)}
      </Text>
    </div>
  );
}
