'use client';

import { Button, Group } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { listKeys } from '@/lib/api/keys';
import { listRuns } from '@/lib/api/run-records';
import type { ListedRun, RunQuery, RunStatus, WorkspaceSummary } from '@/lib/api/types';
import { queryKeys, useModels } from '@/lib/hooks/queries';
import { useUrlFilter } from '@/lib/hooks/use-url-filter';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { RUN_FILTERS, RunFilters, type RunFilter } from './run-filters';
import { RunTable } from './run-table';
import { isUnderWay, RUN_WORDS } from './run-words';

const RunDrawer = dynamic(() => import('./run-drawer').then((module) => module.RunDrawer), { ssr: false });

const LOOK_AGAIN_MS = 3_000;

interface RunListProps {
  workspace: WorkspaceSummary;
  seesKeys: boolean;
  canRun: boolean;
}

function isStatus(value: string): value is RunStatus {
  return value in RUN_WORDS;
}

function toQuery({ status, model, workflow, from, to }: RunFilter): RunQuery {
  return {
    ...(isStatus(status) && { status }),
    ...(model && { model }),
    ...(workflow && { workflowId: workflow }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

/** The list with its filters; which run is open is in the address, too. While one is under way the list is looked at again. */
export function RunList({ workspace, seesKeys, canRun }: RunListProps) {
  const [{ run: openRun, ...filter }, setUrl] = useUrlFilter([...RUN_FILTERS, 'run']);
  const query = toQuery(filter);
  const runs = useInfiniteQuery({
    queryKey: queryKeys.runs(workspace.id, query),
    queryFn: ({ pageParam }) => listRuns(workspace.id, { ...query, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some(({ status }) => isUnderWay(status))) && LOOK_AGAIN_MS,
  });
  const keys = useQuery({ queryKey: queryKeys.keys, queryFn: listKeys, enabled: seesKeys });
  const models = useModels(workspace.id);
  const rows = runs.data?.pages.flatMap(({ data }) => data);
  const keyName = (id: string) => keys.data?.find((key) => key.id === id)?.name;
  const served = rows?.flatMap((row) => row.served?.model ?? []) ?? [];
  const choices = [...new Set([...(models.data?.data.map(({ id }) => id) ?? []), ...served])].sort();
  const isFiltered = Object.keys(query).length > 0;
  const isEmpty = rows?.length === 0 && !isFiltered;
  const open = rows?.find(({ id }) => id === openRun);
  return (
    <>
      {!isEmpty && <RunFilters filter={filter} models={choices} onChange={setUrl} />}
      {runs.error ? (
        <ProblemAlert error={runs.error} onRetry={() => void runs.refetch()} />
      ) : (
        <Surface flush>
          {rows?.length === 0 ? (
            <NoRuns slug={workspace.slug} filtered={isFiltered} onClear={() => setUrl(NO_FILTER)} />
          ) : (
            <RunTable runs={rows} keyName={keyName} onOpen={({ id }: ListedRun) => setUrl({ run: id })} />
          )}
        </Surface>
      )}
      {runs.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={runs.isFetchingNextPage}
            onClick={() => void runs.fetchNextPage()}
          >
            Older runs
          </Button>
        </Group>
      )}
      {openRun && (
        <RunDrawer
          key={openRun}
          runId={openRun}
          listed={open}
          workspace={workspace}
          canRun={canRun}
          keyName={keyName}
          onClose={() => setUrl({ run: '' })}
        />
      )}
    </>
  );
}

const NO_FILTER: RunFilter = { status: '', model: '', workflow: '', from: '', to: '' };

interface NoRunsProps {
  slug: string;
  filtered: boolean;
  onClear: () => void;
}

function NoRuns({ slug, filtered, onClear }: NoRunsProps) {
  if (filtered) {
    return (
      <Empty
        title="No run like this"
        action={
          <Button variant="default" onClick={onClear}>
            Show all runs
          </Button>
        }
      >
        Nothing that this workspace keeps matches the filters. Older runs may lie beyond the plan’s history.
      </Empty>
    );
  }
  return (
    <Empty
      title="No runs yet"
      action={
        <Button component={Link} href={`/w/${slug}/agent`}>
          Try the Agent node
        </Button>
      }
    >
      As soon as a workflow or a try runs an Agent node here, it is listed with its answer, its steps, its
      cost and the key that served it.
    </Empty>
  );
}
