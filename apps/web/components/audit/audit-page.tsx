'use client';

import { Button, Group } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { listAudit } from '@/lib/api/account';
import { listMembers } from '@/lib/api/people';
import { queryKeys } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { AuditTable } from './audit-table';

export function AuditPage() {
  const members = useQuery({ queryKey: queryKeys.members, queryFn: listMembers });
  const events = useInfiniteQuery({
    queryKey: queryKeys.audit,
    queryFn: ({ pageParam }) => listAudit(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const rows = events.data?.pages.flatMap((page) => page.data);
  const names = new Map(members.data?.map(({ userId, name }) => [userId, name]));
  return (
    <>
      <PageHeader
        title="Audit"
        purpose="Who changed what, and by which request. Each entry is chained to the one before it; none can be altered unnoticed."
      />
      {events.error ? (
        <ProblemAlert error={events.error} onRetry={() => void events.refetch()} />
      ) : (
        <Surface flush>
          {rows?.length === 0 ? (
            <Empty title="Nothing has happened yet">
              Every change to keys, workspaces, people and tokens is written here.
            </Empty>
          ) : (
            <AuditTable events={rows} names={names} />
          )}
        </Surface>
      )}
      {events.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={events.isFetchingNextPage}
            onClick={() => void events.fetchNextPage()}
          >
            Older entries
          </Button>
        </Group>
      )}
    </>
  );
}
