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

/**
 * Why an attempt came to nothing. The kinds of an upstream's failure, and what kept a target from being asked: `circuit_open` (it failed
 * several times in a row a moment ago), `gate` (it may not be used: `code` says by which gate).
 */
export const ATTEMPT_REASONS = [
  'auth_refused',
  'rate_limited',
  'overloaded',
  'server_error',
  'timeout',
  'connection',
  'broken_answer',
  'request_refused',
  'circuit_open',
  'gate',
  'ended',
] as const;
export type AttemptReason = (typeof ATTEMPT_REASONS)[number];

export const ATTEMPT_OUTCOMES = ['ok', 'failed', 'skipped'] as const;

/** One try at a target; `skipped`: nothing was sent to it. */
export interface RunAttempt {
  aiProviderId: string | null;
  provider: string | null;
  model: string | null;
  outcome: (typeof ATTEMPT_OUTCOMES)[number];
  code: string | null;
  /** null where it was a success. */
  reason: AttemptReason | null;
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

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected'] as const;
export const APPROVED_KINDS = ['http', 'mcp', 'client'] as const;

/** Whether calls to an MCP server wait for somebody's word, whatever an agent says of it. */
export const SERVER_APPROVALS = ['none', 'always'] as const;
export type ServerApproval = (typeof SERVER_APPROVALS)[number];
/** Whose word on a call to an MCP server counts: `people` leaves out tokens. */
export const SERVER_APPROVERS = ['anyone', 'people'] as const;
export type ServerApprovers = (typeof SERVER_APPROVERS)[number];

/** Whether a call may be made, of a tool that asks somebody first. */
export interface RunApproval {
  /** `apv_…` */
  id: string;
  /** Of the tool that is called. */
  kind: (typeof APPROVED_KINDS)[number];
  /** Of a tool that a server brought: which one, by names that stay when the run goes on. */
  mcp: { serverId: string; tool: string } | null;
  status: (typeof APPROVAL_STATUSES)[number];
  reason: string | null;
  /** `usr_…` or `tok_…`; null while nobody has said anything. */
  decidedBy: string | null;
  /** RFC 3339. */
  decidedAt: string | null;
}

export interface RunToolCall {
  toolCallId: string;
  name: string;
  input: unknown;
  output: unknown;
  error: string | null;
  /** Of a tool that asks somebody first. */
  approval?: RunApproval;
}

export interface RunStep {
  step: number;
  text: string;
  toolCalls: RunToolCall[];
  finishReason: string;
  usage: RunUsage;
}

/**
 * Why a run that succeeded ended: `model` said all that it had to say, the run used its `maxSteps`, or a condition of `stopWhen` held, by
 * its type.
 */
export const STOP_CONDITIONS = ['toolCall', 'steps', 'text', 'tokens', 'costMicroUsd'] as const;
export const STOP_REASONS = ['model', 'maxSteps', ...STOP_CONDITIONS] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** A call of a tool that the caller runs itself. */
export type AwaitedToolCall = Pick<RunToolCall, 'toolCallId' | 'name' | 'input'>;

/** A call that is made, or handed to its caller, when somebody says so. */
export interface AwaitedApproval extends AwaitedToolCall {
  /** `apv_…` */
  id: string;
  kind: RunApproval['kind'];
  mcp: RunApproval['mcp'];
  /** RFC 3339: then the run ends by itself. */
  expiresAt: string;
}

/** What a paused run waits for. */
export interface RequiredAction {
  /** `approvals`: no output of a tool is waited for at this moment. */
  type: 'tool_outputs' | 'approvals';
  toolCalls: AwaitedToolCall[];
  approvals: AwaitedApproval[];
  /** RFC 3339: then the run ends by itself. */
  expiresAt: string;
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
  /** Of a run that succeeded. */
  stopReason?: StopReason;
  requiredAction?: RequiredAction;
  /** How much of it is kept, where a policy keeps less than all: what a later answer lacks was not kept. */
  retention?: 'metadata' | 'none';
  /** Of a run that is over: what it said was not kept, so that `text`, `output` and `steps` here are not what it came to. */
  contentKept?: false;
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

/** What engine processes tell each other of a run: that one waits for its turn, or that one is to stop. */
export interface RunSignal {
  kind: 'queued' | 'cancel';
  /** `run_…` */
  runId: string;
}
