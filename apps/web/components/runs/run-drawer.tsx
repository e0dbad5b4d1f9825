'use client';

import { Skeleton, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRun } from '@/lib/api/run-records';
import type { ListedRun, WorkspaceSummary } from '@/lib/api/types';
import { queryKeys } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RunAttempts } from './run-attempts';
import { RunOverview } from './run-overview';
import { RunSteps } from './run-steps';
import { isUnderWay } from './run-words';

const LOOK_AGAIN_MS = 1_500;

interface RunDrawerProps {
  runId: string;
  /** Its row, where the list has it. */
  listed: ListedRun | undefined;
  workspace: WorkspaceSummary;
  canRun: boolean;
  keyName: (id: string) => string | undefined;
  onClose: () => void;
}

/** Everything that is kept of one run. */
export function RunDrawer({ runId, listed, workspace, canRun, keyName, onClose }: RunDrawerProps) {
  const run = useQuery({
    queryKey: queryKeys.run(workspace.id, runId),
    queryFn: () => getRun(workspace.id, runId),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isUnderWay(state.data.status) && LOOK_AGAIN_MS,
  });
  return (
    <SidePanel title="Run" onClosed={onClose}>
      {() => (
        <>
          {run.error && <ProblemAlert error={run.error} onRetry={() => void run.refetch()} />}
          {!run.error && !run.data && <Skeleton height={320} />}
          {run.data && (
            <Tabs defaultValue="overview" keepMounted={false}>
              <Tabs.List mb="md">
                <Tabs.Tab value="overview">Overview</Tabs.Tab>
                <Tabs.Tab value="steps">Steps</Tabs.Tab>
                <Tabs.Tab value="attempts">Attempts</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="overview">
                <RunOverview
                  run={run.data}
                  listed={listed}
                  workspace={workspace}
                  canRun={canRun}
                  keyName={keyName}
                />
              </Tabs.Panel>
              <Tabs.Panel value="steps">
                <RunSteps run={run.data} />
              </Tabs.Panel>
              <Tabs.Panel value="attempts">
                <RunAttempts run={run.data} keyName={keyName} />
              </Tabs.Panel>
            </Tabs>
          )}
        </>
      )}
    </SidePanel>
  );
}
