'use client';

import { Button, Group, Text } from '@mantine/core';
import { usePathname, useRouter } from 'next/navigation';
import { cancelRun, runAgain } from '@/lib/api/run-records';
import type { AskedAgent, FetchedRun, WorkspaceSummary } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { isUnderWay } from './run-words';

interface RunActionsProps {
  run: FetchedRun;
  workspace: WorkspaceSummary;
  canRun: boolean;
}

/** Stops a run that is under way; asks the same again of one that is over. */
export function RunActions({ run, workspace, canRun }: RunActionsProps) {
  const announce = useAnnounce();
  const stale = [queryKeys.allRuns, queryKeys.run(workspace.id, run.id)];
  const cancel = useChange(
    () => cancelRun(workspace.id, run.id),
    stale,
    () => announce('The run is asked to stop'),
  );
  if (!canRun) {
    return (
      <Text size="sm" c="dimmed">
        You may look at runs but not start or stop them. An owner or admin can let you under Settings →
        Workspaces → Members.
      </Text>
    );
  }
  if (!isUnderWay(run.status)) return <RunAgain run={run} workspace={workspace} />;
  return (
    <>
      {cancel.error && <ProblemAlert error={cancel.error} />}
      <Group>
        <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
          Cancel the run
        </Button>
      </Group>
    </>
  );
}

function whyNot({ retention }: FetchedRun): string {
  return retention
    ? 'It cannot be run again from here: this workspace keeps no content of its runs, so what was asked is gone. Start it again where it came from.'
    : 'It cannot be run again from here: what it was asked is not kept. A header of one of its tools is written out (name a secret there instead), it is longer than 256 KiB, or it is from before requests were kept. Start it again where it came from.';
}

function RunAgain({ run, workspace }: Omit<RunActionsProps, 'canRun'>) {
  const announce = useAnnounce();
  const router = useRouter();
  const pathname = usePathname();
  const { request } = run;
  const again = useChange(
    (asked: AskedAgent) => runAgain(workspace.id, asked),
    [queryKeys.allRuns],
    (started) => {
      announce('It runs again, as a run of its own');
      router.replace(`${pathname}?run=${started.id}`, { scroll: false });
    },
  );
  return (
    <>
      {again.error && <ProblemAlert error={again.error} />}
      <Group>
        <Button
          aria-describedby={request ? undefined : 'why-not-again'}
          disabled={!request}
          loading={again.isPending}
          onClick={() => request && again.mutate(request)}
        >
          Run again
        </Button>
      </Group>
      {!request && (
        <Text size="sm" c="dimmed" id="why-not-again">
          {whyNot(run)}
        </Text>
      )}
    </>
  );
}
