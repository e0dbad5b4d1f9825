'use client';

import { Anchor, Group, NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { getUsage } from '@/lib/api/account';
import type { UsageTotal } from '@/lib/api/types';
import { count, money } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';

const GROUPS = {
  key: 'Key',
  workspace: 'Workspace',
  model: 'Model',
  user: 'User',
  workflow: 'Workflow',
  token: 'Token',
} as const;
type Grouping = keyof typeof GROUPS;

function isGroup(value: string): value is Grouping {
  return value in GROUPS;
}

/** Calls, tokens and cost of the last 30 days, by what was chosen; the dearest first. */
export function UsageTable() {
  const [by, setBy] = useState<Grouping>('key');
  const usage = useQuery({ queryKey: ['usage', by], queryFn: () => getUsage(by) });
  return (
    <Surface
      title="Usage, last 30 days (UTC)"
      flush
      aside={
        <Group gap="sm">
          <Anchor href={`/api/v1/usage.csv?groupBy=${by}`} download size="sm" underline="always">
            CSV
          </Anchor>
          <NativeSelect
            size="xs"
            aria-label="Group by"
            value={by}
            onChange={(event) => isGroup(event.currentTarget.value) && setBy(event.currentTarget.value)}
          >
            {Object.entries(GROUPS).map(([value, label]) => (
              <option key={value} value={value}>
                by {label.toLowerCase()}
              </option>
            ))}
          </NativeSelect>
        </Group>
      }
    >
      {usage.error && <ProblemAlert error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.data?.length === 0 && (
        <Empty title="No calls yet">
          As soon as a workflow or a try runs, its calls, tokens and cost are counted here.
        </Empty>
      )}
      {!usage.error && usage.data?.length !== 0 && (
        <Figures by={GROUPS[by]} rows={usage.data} mono={by === 'model'} />
      )}
    </Surface>
  );
}

function Figures({ by, rows, mono }: { by: string; rows: UsageTotal[] | undefined; mono: boolean }) {
  const total = rows?.reduce((sum, row) => sum + row.costMicroUsd, 0);
  const unpriced = rows?.reduce((sum, row) => sum + row.unpricedCalls, 0) ?? 0;
  return (
    <>
      <DataTable
        label="Usage"
        rows={rows}
        rowKey={(row) => row.group}
        columns={[
          {
            key: 'group',
            title: by,
            cell: ({ name }) => <span className={mono ? 'mono wrap' : 'wrap'}>{name}</span>,
          },
          { key: 'calls', title: 'Calls', numeric: true, cell: ({ calls }) => count(calls) },
          { key: 'in', title: 'Tokens in', numeric: true, cell: ({ inputTokens }) => count(inputTokens) },
          { key: 'out', title: 'Tokens out', numeric: true, cell: ({ outputTokens }) => count(outputTokens) },
          { key: 'cost', title: 'Cost', numeric: true, cell: ({ costMicroUsd }) => money(costMicroUsd) },
        ]}
      />
      {total !== undefined && (
        <Text size="sm" c="dimmed" p="md">
          {money(total)} in all, estimated from the prices that held at the time of each call: your own where
          you set one, else list prices
          {unpriced > 0 && `; ${count(unpriced)} calls have no known price`}.
        </Text>
      )}
    </>
  );
}
