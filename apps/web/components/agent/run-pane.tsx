'use client';

import { Text } from '@mantine/core';
import type { Agent, WorkspaceSummary } from '@/lib/api/types';
import type { AgentRun, RunState } from '@/lib/hooks/use-agent-run';
import { AwaitedApprovals } from '@/components/runs/awaited-approvals';
import { ToolCall } from '@/components/runs/tool-call';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { Status, type Tone } from '@/components/ui/status';
import { PausedCalls } from './paused-calls';
import { isForm, RunReceipt } from './run-receipt';
import { WhyThisKey } from './why-this-key';
import styles from './agent.module.css';

const PHASES: Record<RunState['phase'], { words: string; tone: Tone }> = {
  idle: { words: '', tone: 'quiet' },
  running: { words: 'Running', tone: 'warn' },
  paused: { words: 'Waits for you', tone: 'warn' },
  done: { words: 'Finished', tone: 'good' },
  failed: { words: 'Failed', tone: 'bad' },
  stopped: { words: 'Stopped', tone: 'warn' },
};

interface RunPaneProps {
  run: AgentRun;
  workspace: WorkspaceSummary;
  agent: Agent | null;
}

function waitingWords({ phase, notice }: RunState): string {
  if (phase === 'running') return notice ?? 'Waiting for the first token …';
  return phase === 'idle'
    ? 'The answer streams in here, with its tokens, its cost and the key that served it.'
    : '';
}

/** The answer as it arrives, what was done for it, then what it took and which key served it. */
export function RunPane({ run: { state, resume, decide }, workspace, agent }: RunPaneProps) {
  const { phase, text, tools, waiting, notice, answer, error } = state;
  const open = [...waiting.outputs, ...waiting.approvals].map(({ toolCallId }) => toolCallId);
  const called = tools.filter(({ toolCallId }) => !open.includes(toolCallId));
  // Its receipt shows the answer in its form.
  const isStructured = phase === 'done' && isForm(answer?.output);
  return (
    <Surface
      title="Try it"
      aside={phase !== 'idle' && <Status tone={PHASES[phase].tone}>{PHASES[phase].words}</Status>}
    >
      {called.length > 0 && (
        <ul className={styles.tools} aria-label="Tool calls">
          {called.map((call) => (
            <li key={call.toolCallId}>
              <ToolCall call={call} />
            </li>
          ))}
        </ul>
      )}
      <div
        className={styles.output}
        data-waits={phase === 'idle' || phase === 'running'}
        role="log"
        aria-live="polite"
        aria-busy={phase === 'running'}
        aria-label="Answer"
      >
        {(!isStructured && text) || <span className={styles.waiting}>{waitingWords(state)}</span>}
      </div>
      {notice && text && <Text c="dimmed">{notice}</Text>}
      {waiting.approvals.length > 0 && <AwaitedApprovals approvals={waiting.approvals} onWord={decide} />}
      {/* What its tools gave is asked for when every word is given: only then does the run go on. */}
      {waiting.approvals.length === 0 && waiting.outputs.length > 0 && (
        <PausedCalls calls={waiting.outputs} onResume={(outputs) => void resume(outputs)} />
      )}
      {phase === 'failed' && <ProblemAlert error={error} />}
      {answer && phase === 'done' && <RunReceipt answer={answer} workspaceId={workspace.id} agent={agent} />}
      {agent && phase !== 'running' && <WhyThisKey workspaceId={workspace.id} agent={agent} />}
    </Surface>
  );
}
