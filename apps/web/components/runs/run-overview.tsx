'use client';

import { Stack, Text } from '@mantine/core';
import { toProblem } from '@/lib/api/problem';
import type { FetchedRun, ListedRun, WorkspaceSummary } from '@/lib/api/types';
import { count, money, timestamp } from '@/lib/format';
import { giveWord } from '@/lib/api/run-records';
import { queryKeys } from '@/lib/hooks/queries';
import { waitingFor } from '@/lib/waiting';
import { CopyButton } from '@/components/ui/copy-button';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status } from '@/components/ui/status';
import { AwaitedApprovals } from './awaited-approvals';
import { RunActions } from './run-actions';
import { askedWords, duration, isFree, nextStep, RUN_TONES, RUN_WORDS, STOP_WORDS } from './run-words';
import styles from './runs.module.css';

interface RunOverviewProps {
  run: FetchedRun;
  listed: ListedRun | undefined;
  workspace: WorkspaceSummary;
  canRun: boolean;
  keyName: (id: string) => string | undefined;
}

/** What came of a run, what it took and which key served it; and what can be done about it. */
export function RunOverview({ run, listed, workspace, canRun, keyName }: RunOverviewProps) {
  const { status, usage, served, error, text, output, retention, request, stopReason } = run;
  const problem = error && toProblem(error, { status: Number(error.status), headers: new Headers() });
  const step = problem && nextStep(problem.code);
  const { outputs, approvals } = waitingFor(run);
  const waitsFor = outputs.map(({ name }) => name);
  return (
    <Stack>
      <div aria-live="polite">
        <Status tone={RUN_TONES[status]}>{RUN_WORDS[status]}</Status>
      </div>
      {waitsFor.length > 0 && (
        <Text>
          It waits for what <span className="mono">{waitsFor.join(', ')}</span> gives: its caller brings that,
          or cancels it.
        </Text>
      )}
      {approvals.length > 0 && canRun && (
        <AwaitedApprovals
          approvals={approvals}
          onWord={(word) => giveWord(workspace.id, run.id, word)}
          stale={[queryKeys.allRuns, queryKeys.run(workspace.id, run.id)]}
        />
      )}
      {problem && <ProblemAlert error={problem}>{step && <Text size="sm">Next: {step}</Text>}</ProblemAlert>}
      <dl className={styles.facts}>
        {stopReason && (
          <>
            <dt>Ended</dt>
            <dd>{STOP_WORDS[stopReason]}</dd>
          </>
        )}
        {served && (
          <>
            <dt>Key that served</dt>
            <dd>
              {keyName(served.aiProviderId) && <strong>{keyName(served.aiProviderId)} </strong>}
              <span className="mono">{served.aiProviderId}</span>, version {served.keyVersion}
            </dd>
            <dt>Model</dt>
            <dd>
              <span className="mono">{served.model}</span> of {served.provider}
            </dd>
          </>
        )}
        <dt>Tokens</dt>
        <dd>
          {count(usage.inputTokens)} in, {count(usage.outputTokens)} out
          {usage.cachedInputTokens > 0 && `, ${count(usage.cachedInputTokens)} of the input cached`}
          {usage.reasoningTokens > 0 && `, ${count(usage.reasoningTokens)} of the output reasoning`}
        </dd>
        <dt>Cost</dt>
        <dd>{isFree(usage) ? 'none' : money(usage.costMicroUsd)}</dd>
        {listed && <When run={listed} />}
        <dt>Run</dt>
        <dd className="mono">{run.id}</dd>
      </dl>
      {request && <Said what="Asked" text={askedWords(request)} />}
      {text && <Said what="Answer" text={text} />}
      {output !== null && typeof output !== 'string' && (
        <Said what="Structured output" text={JSON.stringify(output, null, 2)} />
      )}
      {retention && (
        <Text size="sm" c="dimmed">
          {retention === 'none'
            ? 'A policy of this workspace keeps nothing of what was said.'
            : 'A policy of this workspace keeps steps, use and cost of its runs, and nothing of what was said.'}
        </Text>
      )}
      <RunActions run={run} workspace={workspace} canRun={canRun} />
    </Stack>
  );
}

function When({ run: { startedAt, finishedAt, nodeExecutionId, workflowId } }: { run: ListedRun }) {
  return (
    <>
      <dt>Started</dt>
      <dd>
        {timestamp(startedAt)}
        {finishedAt && `, took ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`}
      </dd>
      {workflowId && (
        <>
          <dt>Workflow</dt>
          <dd className="mono">{workflowId}</dd>
        </>
      )}
      <dt>Execution</dt>
      <dd className="mono">{nodeExecutionId}</dd>
    </>
  );
}

function Said({ what, text }: { what: string; text: string }) {
  return (
    <div>
      <div className={styles.stepHead}>
        <Text fw={600} size="sm">
          {what}
        </Text>
        <CopyButton value={text} what={what.toLowerCase()} />
      </div>
      <pre className={styles.text} tabIndex={0} role="group" aria-label={what}>
        {text}
      </pre>
    </div>
  );
}
