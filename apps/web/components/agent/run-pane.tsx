'use client';

import { Text } from '@mantine/core';
import type { Agent } from '@/lib/api/runs';
import type { WorkspaceSummary } from '@/lib/api/types';
import type { RunState } from '@/lib/hooks/use-agent-run';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { Status } from '@/components/ui/status';
import { RunReceipt } from './run-receipt';
import { WhyThisKey } from './why-this-key';
import styles from './agent.module.css';

const PHASES: Record<RunState['phase'], string> = {
  idle: '',
  running: 'Running',
  done: 'Finished',
  failed: 'Failed',
  stopped: 'Stopped',
};

interface RunPaneProps {
  state: RunState;
  workspace: WorkspaceSummary;
  agent: Agent | null;
}

/** The answer as it arrives, then what it took and which key served it. */
export function RunPane({ state, workspace, agent }: RunPaneProps) {
  const { phase, text, tools, notice, answer, error } = state;
  return (
    <Surface
      title="Try it"
      aside={
        phase !== 'idle' && (
          <Status tone={phase === 'done' ? 'good' : phase === 'failed' ? 'bad' : 'warn'}>
            {PHASES[phase]}
          </Status>
        )
      }
    >
      {tools.length > 0 && (
        <ul className={styles.tools} aria-label="Tool calls">
          {tools.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </ul>
      )}
      <div
        className={styles.output}
        role="log"
        aria-live="polite"
        aria-busy={phase === 'running'}
        aria-label="Answer"
      >
        {text || (
          <span className={styles.waiting}>
            {phase === 'running'
              ? (notice ?? 'Waiting for the first token …')
              : phase === 'idle'
                ? 'The answer streams in here, with its tokens, its cost and the key that served it.'
                : ''}
          </span>
        )}
      </div>
      {notice && text && <Text c="dimmed">{notice}</Text>}
      {phase === 'failed' && <ProblemAlert error={error} />}
      {answer && <RunReceipt answer={answer} workspaceId={workspace.id} agent={agent} />}
      {agent && phase !== 'running' && <WhyThisKey workspaceId={workspace.id} agent={agent} />}
    </Surface>
  );
}
