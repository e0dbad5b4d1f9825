import { asClavigerError, ERROR_STATUS, problemFor, type RawExchange } from '#lib/http';
import type { ErrorCode } from '#lib/contracts';
import { WIRE_ERRORS } from './errors.js';
import { rateHeaders } from './rate-headers.js';
import type { ClientAnswer } from './relay/client-answer.js';
import { UpstreamRefusal } from './upstream-refusal.js';
import type { WireName, WireProblem } from './wire.js';

/** What no later try can change: the vendors' clients try again by themselves after a 429 or 5xx, unless they are told not to. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'quota_exceeded',
  'budget_exceeded',
  'ai_disabled',
  'upstream_auth_failed',
  'plan_limit_reached',
]);

/** Says in the vendor's shape why there is no answer, or no more of it. */
export function refuse(
  wire: WireName,
  thrown: unknown,
  request: Pick<RawExchange, 'id'>,
  client: ClientAnswer,
): void {
  if (thrown instanceof UpstreamRefusal && !client.hasBegun) {
    const { status, headers, body } = thrown.answer;
    return client.send(status, [...client.unset(rateHeaders()), ...headers], body);
  }
  const problem = problemOf(thrown, request);
  const errors = WIRE_ERRORS[wire];
  const status = errors.status(problem);
  if (client.hasBegun) return client.fail(errors.event(problem, status));
  const { 'retry-after': retryAfter, 'www-authenticate': challenge } = problemFor(
    thrown,
    request.id,
    '/',
  ).headers;
  const headers = [
    'content-type',
    'application/json',
    'request-id',
    request.id,
    ...client.unset(rateHeaders()),
  ];
  if (retryAfter) headers.push('retry-after', retryAfter);
  if (challenge) headers.push('www-authenticate', challenge);
  if (isFinal(thrown, problem)) headers.push('x-should-retry', 'false');
  client.send(status, headers, Buffer.from(JSON.stringify(errors.body(problem, status)), 'utf8'));
}

/** A request that its vendor did not understand is told as 502, since it was worded here; it is not understood better a second time. */
function isFinal(thrown: unknown, { code }: WireProblem): boolean {
  if (FINAL.has(code)) return true;
  const status = asClavigerError(thrown).extras?.['upstreamStatus'];
  return code === 'upstream_error' && (status === 400 || status === 404 || status === 413 || status === 422);
}

function problemOf(thrown: unknown, request: Pick<RawExchange, 'id'>): WireProblem {
  const { code, message, errors } = asClavigerError(thrown);
  const [fault] = errors ?? [];
  return {
    status: ERROR_STATUS[code],
    code,
    // What happened is for the log: the request id finds it.
    message:
      code === 'internal'
        ? `Something went wrong here. Tell your operator the request id ${request.id}.`
        : saidOf(fault, message),
    requestId: request.id,
    pointer: fault?.pointer ?? null,
  };
}

/** The vendors' errors have one sentence: what is wrong with the body, and where, says more than that something is. */
function saidOf(fault: { pointer: string; detail: string } | undefined, message: string): string {
  return fault ? `${fault.pointer}: ${fault.detail}` : message;
}
