import { isErrorCode, type ErrorCode } from './error-codes.js';
import type { AgentRun, Problem } from './wire.js';

/**
 * A refusal or failure that the planes name (RFC 9457). `message` says what to do next and who can do it. A code that this version of the
 * client does not know is told as `internal`; `problem` has it as it came.
 */
export class ClavigerError extends Error {
  override readonly name = 'ClavigerError';
  readonly code: ErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** For the operator: finds the request in the logs. */
  readonly requestId: string;
  /** Which fields are wrong, as JSON pointers into the body. */
  readonly errors: readonly { pointer: string; detail: string }[];
  /** The run that failed with it; null: it was refused before it became one. */
  readonly runId: string | null;
  /** Seconds after which it may be tried again; null where nothing is said. */
  readonly retryAfterSeconds: number | null;

  constructor(
    readonly problem: Problem,
    retryAfterSeconds: number | null = null,
  ) {
    super(problem.detail ?? problem.title);
    this.code = isErrorCode(problem.code) ? problem.code : 'internal';
    this.status = problem.status;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
    const { runId, retryAfterSeconds: said } = problem;
    this.runId = typeof runId === 'string' ? runId : null;
    this.retryAfterSeconds = typeof said === 'number' ? said : retryAfterSeconds;
  }
}

/** No answer of ours came: the network failed, or something in between answered (`status`). Tried again before it is thrown. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  constructor(
    message: string,
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The run succeeded, and what it came to was told elsewhere: a policy keeps less than all of it (`retention`), and the process that was asked
 * now has no more. Its empty `text` is not an answer. Asking again does not bring it back; another `nodeExecutionId` runs it anew.
 */
export class ContentNotKeptError extends Error {
  override readonly name = 'ContentNotKeptError';
  readonly runId: string;
  readonly retention: 'metadata' | 'none' | null;

  constructor(
    /** What is kept of it: its status, and under `metadata` its use. */
    readonly run: AgentRun,
  ) {
    super(`The run ${run.id} succeeded, and a policy lets nobody keep what it said.`);
    this.runId = run.id;
    this.retention = run.retention ?? null;
  }
}

/** Whatever of a run or of the planes is thrown. Closed: a switch over `name` can be exhaustive. Wrong use of the client is a TypeError. */
export type AnyClavigerError = ClavigerError | ConnectionError | ContentNotKeptError;
