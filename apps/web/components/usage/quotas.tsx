'use client';

import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { listTokens } from '@/lib/api/people';
import { listQuotas } from '@/lib/api/quotas';
import type { Quota } from '@/lib/api/types';
import { queryKeys, useKeys, useWorkspaces } from '@/lib/hooks/queries';
import { DataTable } from '@/components/ui/data-table';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import { Surface } from '@/components/ui/surface';
import { QuotaBar } from './quota-bar';
import { coverWords, METRICS, WINDOWS } from './quota-words';

const QuotaForm = dynamic(() => import('./quota-form').then((module) => module.QuotaForm), { ssr: false });

/** Quotas and budgets, what each allows and what of it is used now. */
export function Quotas() {
  const quotas = useQuery({ queryKey: queryKeys.quotas, queryFn: listQuotas });
  const tokens = useQuery({ queryKey: queryKeys.tokens, queryFn: listTokens });
  const named = { workspaces: useWorkspaces().data, tokens: tokens.data, keys: useKeys().data };
  const [open, setOpen] = useState<Quota | 'new' | null>(null);
  const create = <Button onClick={() => setOpen('new')}>New budget or quota</Button>;
  const isEmpty = quotas.data?.length === 0;
  return (
    <Surface title="Budgets and quotas" flush aside={!isEmpty && create}>
      {quotas.error && <ProblemAlert error={quotas.error} onRetry={() => void quotas.refetch()} />}
      {isEmpty && (
        <Empty title="No budgets yet" action={create}>
          Say how much calls may spend, or how many runs and tokens they may use, in a month, a day or an
          hour. A call that does not fit is refused before anything is sent.
        </Empty>
      )}
      {!isEmpty && !quotas.error && (
        <DataTable
          label="Budgets and quotas"
          rows={quotas.data}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              title: 'Name',
              cell: ({ name, metric, window }) => (
                <div>
                  <Text fw={600}>{name}</Text>
                  <Text size="xs" c="dimmed">
                    {METRICS[metric]} a {WINDOWS[window]} (UTC)
                  </Text>
                </div>
              ),
            },
            { key: 'covers', title: 'Covers', cell: ({ scope }) => coverWords(scope, named) },
            { key: 'used', title: 'Used now', cell: (quota) => <QuotaBar quota={quota} /> },
            {
              key: 'mode',
              title: 'At the limit',
              cell: ({ mode }) =>
                mode === 'enforce' ? (
                  <Status tone="bad">refuses calls</Status>
                ) : (
                  <Status tone="quiet">only tells</Status>
                ),
            },
            {
              key: 'actions',
              title: 'Actions',
              quietTitle: true,
              cell: (quota) => (
                <RowActions>
                  <RowButton of={quota.name} onClick={() => setOpen(quota)}>
                    Edit
                  </RowButton>
                </RowActions>
              ),
            },
          ]}
        />
      )}
      {open && <QuotaForm quota={open === 'new' ? null : open} {...named} onClose={() => setOpen(null)} />}
    </Surface>
  );
}
