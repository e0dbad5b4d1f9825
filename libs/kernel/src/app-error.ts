/** One fault in the input: where (RFC 6901 pointer) and what to do about it. */
export interface FieldFault {
  pointer: string;
  detail: string;
}

export interface AppErrorOptions {
  /** Faults by field, for validation errors. */
  errors?: FieldFault[];
  /** Further public members of the problem document, e.g. `limit`, `used`, `max`. Never a secret. */
  extras?: Record<string, unknown>;
  /** What really happened; for logs only, never shown to a caller. */
  cause?: unknown;
}

/**
 * A failure with a stable code and a sentence that tells the caller what to do next.
 * `contracts` closes the set of codes; `http` maps a code to a status. Services throw this and never an HTTP exception.
 */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly errors: FieldFault[] | undefined;
  readonly extras: Record<string, unknown> | undefined;

  constructor(code: Code, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.errors = options.errors;
    this.extras = options.extras;
  }
}
