import type { RunStep, RunToolCall } from '#lib/contracts';
import type { LoopMessage } from '#lib/providers';
import type { StoredResult } from '../agent-runs/run-row.js';
import type { AgentSpec, ToolSpec } from '../pipeline/agent-spec.js';
import { sumUsage } from '../pipeline/cost.js';

/** What a paused run waits for (`requiredAction` of its answer). */
export interface RequiredAction {
  type: 'tool_outputs';
  toolCalls: Pick<RunToolCall, 'toolCallId' | 'name' | 'input'>[];
  /** RFC 3339: then the run ends by itself. */
  expiresAt: string;
}

/** The names of the tools that the caller runs itself. */
export function clientTools(tools: readonly ToolSpec[]): Set<string> {
  return new Set(tools.flatMap((tool) => (tool.type === 'client' ? [tool.name] : [])));
}

/** The calls of the caller's own tools with which a run stopped; empty where it came to its end. */
export function pendingCalls(steps: readonly RunStep[], tools: readonly ToolSpec[]): RunToolCall[] {
  const own = clientTools(tools);
  const last = steps.at(-1);
  return (last?.toolCalls ?? []).filter(
    ({ name, output, error }) => own.has(name) && output === null && error === null,
  );
}

/** What the model said and was told in these steps, as it is said to it again. */
export function conversationOf(steps: readonly RunStep[]): LoopMessage[] {
  return steps.flatMap(({ text, toolCalls }): LoopMessage[] => {
    const said: LoopMessage = {
      role: 'assistant',
      content: text,
      toolCalls: toolCalls.map(({ toolCallId, name, input }) => ({ toolCallId, name, input })),
    };
    const told = toolCalls.map(({ toolCallId, name, output, error }) => ({
      toolCallId,
      name,
      output: error === null ? output : { error },
    }));
    return told.length === 0 ? [said] : [said, { role: 'tool', content: told }];
  });
}

/** The agent of a run that goes on after these steps: they count, and a tool that was asked for once is not forced again. */
export function continuedAgent(agent: AgentSpec, before: StoredResult | null): AgentSpec {
  if (!before || before.steps.length === 0) return agent;
  return {
    ...agent,
    continued: conversationOf(before.steps),
    toolChoice: agent.toolChoice === 'none' ? 'none' : 'auto',
    maxSteps: Math.max(1, agent.maxSteps - before.steps.length),
  };
}

type Parts = Pick<StoredResult, 'text' | 'output' | 'steps' | 'usage' | 'served'>;

/** The whole of a run that was paused: every step, what all of them used, every attempt. */
export function joinParts(before: StoredResult | null, part: Parts): Parts {
  if (!before) return part;
  const steps = [
    ...before.steps,
    ...part.steps.map((step) => ({ ...step, step: step.step + before.steps.length })),
  ];
  const attempts = [...(before.served?.attempts ?? []), ...(part.served?.attempts ?? [])];
  const served = part.served ?? before.served;
  return {
    text: part.text === '' ? before.text : part.text,
    output: part.output,
    steps,
    usage: sumUsage(steps.map(({ usage }) => usage)),
    served: served && { ...served, attempts },
  };
}
