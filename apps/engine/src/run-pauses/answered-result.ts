import type { RequiredAction, RunToolCall } from '#lib/contracts';
import type { StoredResult } from '../agent-runs/run-row.js';
import { requiredAction } from './pending-calls.js';

/** A paused run's result after an answer to some of what it waited for: `answer` is given each call of its last step. */
export function answeredResult(
  { requiredAction: _, ...result }: StoredResult,
  { toolCalls, expiresAt }: RequiredAction,
  answer: (call: RunToolCall) => RunToolCall,
): StoredResult {
  const last = result.steps.length - 1;
  const steps = result.steps.map((step, index) =>
    index === last ? { ...step, toolCalls: step.toolCalls.map(answer) } : step,
  );
  const outputs = new Set(toolCalls.map(({ toolCallId }) => toolCallId));
  const missing = requiredAction(steps[last]?.toolCalls ?? [], outputs, expiresAt);
  return { ...result, steps, ...(missing && { requiredAction: missing }) };
}
