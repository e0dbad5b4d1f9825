import type { ClavigerError, ErrorCode } from '#lib/contracts';
import { failureClassOf, type FailureClass } from '#lib/providers';

/** Requests for the first token of a run's answer, over all targets (PRODUCT #39). */
export const MOST_ATTEMPTS = 10;

/** What another target may help with: 429, 5xx, time-outs, and connections that fail; never another 4xx (PRODUCT #39). */
const ELSEWHERE: ReadonlySet<FailureClass> = new Set([
  ...(['rate_limited', 'overloaded', 'server_error'] as const),
  ...(['timeout', 'connection', 'broken_answer'] as const),
]);

/** What says that a place is ill. A limit of rate is none of it: it has a time of its own. */
const ILL: ReadonlySet<FailureClass> = new Set([
  ...(['overloaded', 'server_error', 'timeout', 'connection', 'broken_answer'] as const),
]);

/** Refusals that concern one target. Every other one concerns the run, and no target can mend it. */
const OF_THE_TARGET: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['no_provider_key', 'provider_disabled', 'model_not_available', 'model_lacks_tools'] as const),
  ...(['policy_violation', 'plan_limit_reached', 'rate_limited', 'quota_exceeded'] as const),
  ...(['budget_exceeded', 'kms_unavailable', 'validation_failed'] as const),
]);

/** Whether a failed attempt may be made at another target. After the first token it may not: the caller has begun to read. */
export function goesElsewhere(error: ClavigerError, saidNothing: boolean): boolean {
  const kind = failureClassOf(error);
  return saidNothing && kind !== null && ELSEWHERE.has(kind);
}

/** What an attempt says of the place that it went to: null says nothing. */
export function verdictOf(error: ClavigerError | null): 'well' | 'ill' | null {
  if (error === null) return 'well';
  const kind = failureClassOf(error);
  if (kind !== null && ILL.has(kind)) return 'ill';
  // A refusal of the request, of the key or for the rate is an answer all the same.
  return kind === null ? null : 'well';
}

/** Whether a refusal of the gates lets the run go on at the next target. */
export function concernsTarget(error: ClavigerError): boolean {
  return OF_THE_TARGET.has(error.code);
}
