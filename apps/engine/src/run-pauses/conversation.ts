import type { RunStep, RunToolCall } from '#lib/contracts';
import type { LoopMessage } from '#lib/providers';
import type { StoredResult } from '../agent-runs/run-row.js';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { sumUsage } from '../pipeline/cost.js';
import { unmadeCalls } from './pending-calls.js';

type AnsweredCall = Pick<RunToolCall, 'toolCallId' | 'output' | 'error'>;

/** What the model said and was told in these steps, as it is said to it again. */
export function conversationOf(steps: readonly RunStep[]): LoopMessage[] {
  return steps.flatMap(({ text, toolCalls }): LoopMessage[] => {
    const said: LoopMessage = {
      role: 'assistant',
      content: text,
      toolCalls: toolCalls.map(({ toolCallId, name, input }) => ({ toolCallId, name, input })),
    };
    const told = toolCalls.map((call) => ({
      toolCallId: call.toolCallId,
      name: call.name,
      output: toldOf(call),
    }));
    return told.length === 0 ? [said] : [said, { role: 'tool', content: told }];
  });
}

function toldOf({ output, error }: AnsweredCall): unknown {
  return error === null ? output : { error };
}

/** The agent of a run that goes on after these steps: they count, and a tool that was asked for once is not forced again. */
export function continuedAgent(agent: AgentSpec, before: StoredResult | null): AgentSpec {
  if (!before || before.steps.length === 0) return agent;
  return {
    ...agent,
    continued: conversationOf(before.steps),
    approved: unmadeCalls(before.steps),
    earlier: { steps: before.steps.length, usage: before.usage },
    toolChoice: agent.toolChoice === 'none' ? 'none' : 'auto',
    maxSteps: Math.max(1, agent.maxSteps - before.steps.length),
  };
}

/** The agent with what came of its approved calls: they are not made again. */
export function answeredAgent(agent: AgentSpec, answered: readonly AnsweredCall[]): AgentSpec {
  const { continued = [] } = agent;
  const last = continued.at(-1);
  if (last?.role !== 'tool') return { ...agent, approved: [] };
  const content = last.content.map((result) => {
    const call = answered.find(({ toolCallId }) => toolCallId === result.toolCallId);
    return call ? { ...result, output: toldOf(call) } : result;
  });
  return { ...agent, approved: [], continued: [...continued.slice(0, -1), { role: 'tool', content }] };
}

/** What was done before, with what came of the calls that were approved since. */
export function withAnswered(
  before: StoredResult | null,
  answered: readonly AnsweredCall[],
): StoredResult | null {
  const last = before?.steps.at(-1);
  if (!before || !last || answered.length === 0) return before;
  const toolCalls = last.toolCalls.map((call) => ({
    ...call,
    ...answered.find(({ toolCallId }) => toolCallId === call.toolCallId),
  }));
  return { ...before, steps: [...before.steps.slice(0, -1), { ...last, toolCalls }] };
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
