import type { AgentRun, Problem, RunStep } from '../wire.js';

/** What each event of a run says besides the run's id. */
export interface RunEventData {
  'run.started': { aiProviderId: string; provider: string; model: string };
  'step.started': { step: number };
  'text.delta': { step: number; delta: string };
  'tool.call': { step: number; toolCallId: string; name: string; input: unknown };
  'tool.result': { step: number; toolCallId: string; name: string; output: unknown; error: string | null };
  'step.finished': { step: number; finishReason: string; usage?: RunStep['usage'] };
  'run.retrying': { inSeconds: number; reason: string };
  /** The run waits for its caller: bring tool outputs or answer an approval. */
  'run.requires_action': AgentRun;
  /** The answer, as `create` gives it. */
  'run.finished': AgentRun;
  'run.failed': Problem;
}

export type RunEventType = keyof RunEventData;

/** One event of a run's stream. `id` counts from 1 within the run. Closed: a switch over `type` can be exhaustive. */
export type RunEvent = {
  [Type in RunEventType]: { id: number; type: Type; runId: string; data: RunEventData[Type] };
}[RunEventType];

const TYPES = {
  'run.started': true,
  'step.started': true,
  'text.delta': true,
  'tool.call': true,
  'tool.result': true,
  'step.finished': true,
  'run.retrying': true,
  'run.requires_action': true,
  'run.finished': true,
  'run.failed': true,
} as const satisfies Record<RunEventType, true>;

export const RUN_EVENT_TYPES: readonly string[] = Object.keys(TYPES);

export function isRunEventType(name: string): name is RunEventType {
  return Object.hasOwn(TYPES, name);
}
