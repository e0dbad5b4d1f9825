import type { RunHandle } from './run-handle.js';
import type { AgentRunAnswer } from '#lib/contracts';
import type { CallRequest } from '../pipeline/call-plan.js';

/** How the caller wants its answer. */
export type ReplyMode = 'sync' | 'stream' | 'async';

/** A validated post, as the service takes it. */
export interface StartRun {
  call: CallRequest;
  nodeExecutionId: string;
  mode: ReplyMode;
  workflowVersion: string | null;
  /** `whk_…` that is told of the run's end. */
  callbackId?: string;
  /** Of the body as it was sent. */
  requestHash: Buffer;
}

/** Where the answer of a post comes from. */
export type StartedRun =
  | { kind: 'here'; handle: RunHandle }
  | { kind: 'elsewhere'; runId: string }
  | { kind: 'over'; answer: AgentRunAnswer };
