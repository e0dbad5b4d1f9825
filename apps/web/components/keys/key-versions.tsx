'use client';

import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { keyVersions } from '@/lib/api/keys';
import type { AiProvider, KeyVersion } from '@/lib/api/types';
import { timestamp } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status, type Tone } from '@/components/ui/status';

const STATES: Record<KeyVersion['state'], { word: string; tone: Tone }> = {
  pending: { word: 'Not yet in use', tone: 'warn' },
  active: { word: 'In use', tone: 'good' },
  draining: { word: 'Running calls finish', tone: 'warn' },
  shredded: { word: 'Destroyed', tone: 'quiet' },
};

/** The secret's versions: each replacement makes one, and receipts name the version that served. */
export function KeyVersions({ of }: { of: AiProvider }) {
  const versions = useQuery({
    queryKey: ['key-versions', of.id, of.version],
    queryFn: () => keyVersions(of.id),
  });
  if (versions.error) return <ProblemAlert error={versions.error} onRetry={() => void versions.refetch()} />;
  if (!versions.data) return <Skeleton height={120} />;
  return (
    <Stack>
      <Text c="dimmed">
        Entering another secret under Settings makes a new version; workspaces and the key’s id stay as they
        are.
      </Text>
      {versions.data.length === 0 ? (
        <Text>This key has no secret.</Text>
      ) : (
        <DataTable
          label="Versions"
          rows={versions.data}
          rowKey={({ version }) => String(version)}
          columns={[
            {
              key: 'version',
              title: 'Version',
              cell: ({ version }) => <span className="num">Version {version}</span>,
            },
            {
              key: 'state',
              title: 'State',
              cell: ({ state }) => <Status tone={STATES[state].tone}>{STATES[state].word}</Status>,
            },
            {
              key: 'created',
              title: 'Sealed',
              cell: ({ createdAt }) => <span className="num">{timestamp(createdAt)}</span>,
            },
          ]}
        />
      )}
    </Stack>
  );
}
