import { AppError, type AppErrorOptions } from '#lib/kernel';

/** Every failure that a caller can see. Closed: adding one means adding its status in `http` and its line in the docs. */
export const ERROR_CODES = [
  'malformed_request',
  'unauthenticated',
  'forbidden',
  'csrf_failed',
  'provider_disabled',
  'plan_limit_reached',
  'plan_read_only',
  'not_found',
  'unknown_provider',
  'name_taken',
  'key_in_use',
  'conflict',
  'idempotency_in_flight',
  'last_owner',
  'precondition_failed',
  'payload_too_large',
  'validation_failed',
  'secret_required',
  'idempotency_mismatch',
  'no_provider_key',
  'model_not_available',
  'model_lacks_tools',
  'policy_violation',
  'output_invalid',
  'listing_unsupported',
  'egress_blocked',
  'rate_limited',
  'quota_exceeded',
  'budget_exceeded',
  'too_many_attempts',
  'run_cancelled',
  'outcome_unknown',
  'pause_expired',
  'internal',
  'upstream_auth_failed',
  'upstream_error',
  'kms_unavailable',
  'engine_unavailable',
  'ai_disabled',
  'database_restored',
  'overloaded',
  'upstream_timeout',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An AppError whose code is one of the closed union. `detail` says what to do next and who can do it. */
export class ClavigerError extends AppError<ErrorCode> {
  constructor(code: ErrorCode, detail: string, options?: AppErrorOptions) {
    super(code, detail, options);
    this.name = 'ClavigerError';
  }
}

/** The one answer for an id that is unknown, foreign, deleted or malformed: nothing in it tells these apart. */
export function notFound(): ClavigerError {
  return new ClavigerError(
    'not_found',
    'There is nothing here under this id, or you may not see it. Check the id and your organization.',
  );
}

/** RFC 9457 problem document as it goes over the wire. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  requestId: string;
  errors?: { pointer: string; detail: string }[];
  [extra: string]: unknown;
}
