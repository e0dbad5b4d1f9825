'use client';

import type { Agent } from '@/lib/api/types';
import type { RunAnswer } from '@/lib/api/types';
import { count, money } from '@/lib/format';
import { STOP_WORDS } from '@/components/runs/run-words';
import { CodeBlock } from '@/components/ui/code-block';
import { useResolution } from './use-resolution';
import styles from './agent.module.css';

/** Whether an answer has a form of its own, beyond its text. */
export function isForm(output: unknown): boolean {
  return output !== null && output !== undefined && typeof output !== 'string';
}

/** What a run took: the key that served, tokens, cost, and the run's id. */
export function RunReceipt({
  answer,
  workspaceId,
  agent,
}: {
  answer: RunAnswer;
  workspaceId: string;
  agent: Agent | null;
}) {
  const { usage, served, output, stopReason } = answer;
  const resolution = useResolution(workspaceId, agent, served !== null).data;
  const choices = resolution
    ? [...(resolution.choice ? [resolution.choice] : []), ...resolution.alternatives]
    : [];
  const name = choices.find((choice) => choice.aiProviderId === served?.aiProviderId)?.name;
  return (
    <>
      {isForm(output) && <CodeBlock code={JSON.stringify(output, null, 2)} what="the structured output" />}
      <dl className={styles.receipt}>
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
              {name && <strong>{name}</strong>} <span className="mono">{served.aiProviderId}</span>, version{' '}
              {served.keyVersion}
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
        </dd>
        <dt>Cost</dt>
        <dd>{money(usage.costMicroUsd)}</dd>
        <dt>Run</dt>
        <dd className="mono">{answer.id}</dd>
      </dl>
    </>
  );
}
