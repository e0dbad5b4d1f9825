import type { ProblemDocument } from './error-codes.js';

export const RUN_STATUSES = [
  'queued',
  'running',
  'requires_action',
  'succeeded',
  'failed',
  'cancelled',
  'outcome_unknown',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface RunUsage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
  totalTokens: number;
  /** Integer micro-USD; null when the model's price is unknown. */
  costMicroUsd: number | null;
}

export interface RunAttempt {
  aiProviderId: string;
  provider: string;
  model: string;
  outcome: 'ok' | 'failed';
  code: string | null;
  upstreamRequestId: string | null;
  latencyMs: number;
}

/** Which key, at which version, answered: shown to the caller and in the editor. */
export interface RunServed {
  aiProviderId: string;
  provider: string;
  model: string;
  keyVersion: number;
  attempts: RunAttempt[];
}

export interface RunToolCall {
  toolCallId: string;
  name: string;
  input: unknown;
  output: unknown;
  error: string | null;
}

export interface RunStep {
  step: number;
  text: string;
  toolCalls: RunToolCall[];
  finishReason: string;
  usage: RunUsage;
}

/** The answer of a run, and the data of `run.finished`. */
export interface AgentRunAnswer {
  id: string;
  status: RunStatus;
  text: string;
  output: unknown;
  steps: RunStep[];
  usage: RunUsage;
  served: RunServed | null;
  requiredAction?: unknown;
  error?: ProblemDocument;
}

export const RUN_EVENTS = [
  'run.started',
  'step.started',
  'text.delta',
  'tool.call',
  'tool.result',
  'step.finished',
  'run.retrying',
  'run.requires_action',
  'run.finished',
  'run.failed',
] as const;
export type RunEventName = (typeof RUN_EVENTS)[number];
