import { ClavigerError, type AttemptReason } from '#lib/contracts';

/** The kinds of failures that an upstream has. */
export type FailureClass = Exclude<AttemptReason, 'circuit_open' | 'gate' | 'ended'>;

const OVERLOADED: ReadonlySet<number> = new Set([503, 529]);

/**
 * What kind of failure of the upstream an error of a model call is; null: none, it is our own (a gate, a limit, a cancelled run, an answer
 * that is complete and of no use).
 */
export function failureClassOf(error: ClavigerError): FailureClass | null {
  const status = error.extras?.['upstreamStatus'];
  switch (error.code) {
    case 'upstream_auth_failed':
      return 'auth_refused';
    case 'rate_limited':
      // Without a status it is a limit of our own.
      return typeof status === 'number' ? 'rate_limited' : null;
    case 'upstream_timeout':
      return 'timeout';
    case 'upstream_error':
      return byStatus(typeof status === 'number' ? status : undefined, error);
    default:
      return null;
  }
}

function byStatus(status: number | undefined, error: ClavigerError): FailureClass {
  if (status === undefined) return error.cause === undefined ? 'broken_answer' : 'connection';
  if (status === 0) return 'connection';
  if (OVERLOADED.has(status)) return 'overloaded';
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'request_refused' : 'broken_answer';
}
