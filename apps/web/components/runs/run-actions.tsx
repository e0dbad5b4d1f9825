'use client';

import { Button, Group, Text } from '@mantine/core';
import { usePathname, useRouter } from 'next/navigation';
import { cancelRun, runAgain } from '@/lib/api/run-records';
import type { Agent, RunAnswer, WorkspaceSummary } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { keepTry, keptTry } from '@/lib/kept-tries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { isUnderWay } from './run-words';

interface RunActionsProps {
  run: RunAnswer;
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

function whyNot({ retention }: RunAnswer): string {
  return retention
    ? 'It cannot be run again from here: a policy of this workspace does not let what was asked be kept. Start it again where it came from.'
    : 'It cannot be run again from here: the engine forgets what a run was asked as soon as it is over, and it was not tried in this tab. Start it again where it came from.';
}

function RunAgain({ run, workspace }: Omit<RunActionsProps, 'canRun'>) {
  const announce = useAnnounce();
  const router = useRouter();
  const pathname = usePathname();
  const agent = run.retention ? null : keptTry(workspace.id, run.id);
  const again = useChange(
    (asked: Agent) => runAgain(workspace.id, asked),
    [queryKeys.allRuns],
    (started, asked) => {
      if (!started.retention) keepTry(workspace.id, started.id, asked);
      announce('It runs again, as a run of its own');
      router.replace(`${pathname}?run=${started.id}`, { scroll: false });
    },
  );
  return (
    <>
      {again.error && <ProblemAlert error={again.error} />}
      <Group>
        <Button
          aria-describedby={agent ? undefined : 'why-not-again'}
          disabled={!agent}
          loading={again.isPending}
          onClick={() => agent && again.mutate(agent)}
        >
          Run again
        </Button>
      </Group>
      {!agent && (
        <Text size="sm" c="dimmed" id="why-not-again">
          {whyNot(run)}
        </Text>
      )}
    </>
  );
}
