import { Text } from '@mantine/core';
import type { RunAnswer, RunStep } from '@/lib/api/types';
import { count, money } from '@/lib/format';
import { ToolCall } from './tool-call';
import styles from './runs.module.css';

/** Each call of the model: what it said, which tools it asked for, and what they gave. */
export function RunSteps({ run: { steps, retention } }: { run: RunAnswer }) {
  if (steps.length === 0) {
    return (
      <Text c="dimmed">
        {retention === 'none'
          ? 'A policy of this workspace keeps no steps of its runs.'
          : 'No step was taken: no model has answered yet, or none was asked.'}
      </Text>
    );
  }
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li key={step.step}>
          <Step step={step} />
        </li>
      ))}
    </ol>
  );
}

function Step({ step: { step, text, toolCalls, finishReason, usage } }: { step: RunStep }) {
  return (
    <>
      <div className={styles.stepHead}>
        <Text fw={600}>Step {step}</Text>
        <span className={styles.small}>
          {count(usage.inputTokens)} in, {count(usage.outputTokens)} out, {money(usage.costMicroUsd)}
        </span>
      </div>
      {text && <div className={styles.text}>{text}</div>}
      {toolCalls.map((call) => (
        <ToolCall key={call.toolCallId} call={call} />
      ))}
      <span className={styles.small}>Ended: {finishReason.replaceAll('-', ' ')}</span>
    </>
  );
}
