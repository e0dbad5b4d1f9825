import type { Problem } from './wire.js';

/** Every failure that the planes name. Closed: a switch over it can be exhaustive. */
export type ErrorCode = Problem['code'];

/** The compiler holds this list to the document: a code more or less there does not compile here. */
const CODES = {
  malformed_request: true,
  unauthenticated: true,
  forbidden: true,
  csrf_failed: true,
  provider_disabled: true,
  plan_limit_reached: true,
  plan_read_only: true,
  not_found: true,
  unknown_provider: true,
  name_taken: true,
  key_in_use: true,
  conflict: true,
  idempotency_in_flight: true,
  last_owner: true,
  precondition_failed: true,
  payload_too_large: true,
  validation_failed: true,
  secret_required: true,
  idempotency_mismatch: true,
  no_provider_key: true,
  model_not_available: true,
  model_lacks_tools: true,
  policy_violation: true,
  output_invalid: true,
  listing_unsupported: true,
  egress_blocked: true,
  rate_limited: true,
  quota_exceeded: true,
  budget_exceeded: true,
  too_many_attempts: true,
  run_cancelled: true,
  outcome_unknown: true,
  pause_expired: true,
  internal: true,
  upstream_auth_failed: true,
  upstream_error: true,
  kms_unavailable: true,
  engine_unavailable: true,
  ai_disabled: true,
  database_restored: true,
  overloaded: true,
  upstream_timeout: true,
} as const satisfies Record<ErrorCode, true>;

export const ERROR_CODES: readonly string[] = Object.keys(CODES);

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(CODES, value);
}
