'use client';

import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { keyHealth } from '@/lib/api/keys';
import type { AiProvider, KeyHealth as Health } from '@/lib/api/types';
import { ago, plural, timestamp } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { Status, type Tone } from '@/components/ui/status';

type Event = Health['data'][number];

const OUTCOMES: Record<Event['outcome'], { word: string; tone: Tone }> = {
  ok: { word: 'Works', tone: 'good' },
  refused: { word: 'Key refused', tone: 'bad' },
  failed: { word: 'Failed', tone: 'warn' },
};

/** What the vendor said to the key lately. Three refusals in a row make it failing, and a success mends it. */
export function KeyHealth({ of }: { of: AiProvider }) {
  const health = useQuery({
    queryKey: ['key-health', of.id, of.lastTestedAt],
    queryFn: () => keyHealth(of.id),
  });
  if (health.error) return <ProblemAlert error={health.error} onRetry={() => void health.refetch()} />;
  if (!health.data) return <Skeleton height={120} />;
  const { refusedInARow, lastOkAt, data } = health.data;
  return (
    <Stack>
      <Text>
        {refusedInARow === 0
          ? 'The vendor accepts this key'
          : `Refused ${plural(refusedInARow, 'time')} in a row`}
        {lastOkAt === null
          ? '; no call has succeeded yet.'
          : `; the last call that succeeded was ${ago(lastOkAt)}.`}
      </Text>
      {data.length === 0 ? (
        <Text c="dimmed">Refusals, failures and tests are listed here as they happen.</Text>
      ) : (
        <DataTable
          label="Health"
          rows={data.map((event, index) => ({ ...event, id: String(index) }))}
          rowKey={({ id }) => id}
          columns={[
            { key: 'at', title: 'When', cell: ({ at }) => <span className="num">{timestamp(at)}</span> },
            {
              key: 'outcome',
              title: 'What',
              cell: ({ outcome }) => <Status tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].word}</Status>,
            },
            { key: 'source', title: 'By', cell: ({ source }) => (source === 'test' ? 'a test' : 'a run') },
            { key: 'said', title: 'Said', cell: (event) => <Said by={event} /> },
          ]}
        />
      )}
    </Stack>
  );
}

function Said({ by }: { by: Event }) {
  if (by.message) return <span className="wrap">{by.message}</span>;
  return by.code ? <span className="mono">{by.code}</span> : <Quiet>nothing</Quiet>;
}
