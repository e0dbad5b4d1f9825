import { describe, expect, it } from '@jest/globals';
import { ClavigerError, ERROR_CODES, type ErrorCode } from '#lib/contracts';
import { failureClassOf } from './failure-class.js';

const failed = (code: ErrorCode, upstreamStatus?: number, cause?: unknown) =>
  failureClassOf(
    new ClavigerError(code, 'x', {
      ...(upstreamStatus === undefined ? {} : { extras: { upstreamStatus } }),
      cause,
    }),
  );

describe('#39 the kinds of an upstream’s failures', () => {
  it.each<[ErrorCode, number, string]>([
    ['upstream_auth_failed', 401, 'auth_refused'],
    ['upstream_auth_failed', 403, 'auth_refused'],
    ['rate_limited', 429, 'rate_limited'],
    ['upstream_timeout', 408, 'timeout'],
    ['upstream_timeout', 504, 'timeout'],
    ['upstream_error', 400, 'request_refused'],
    ['upstream_error', 404, 'request_refused'],
    ['upstream_error', 409, 'request_refused'],
    ['upstream_error', 499, 'request_refused'],
    ['upstream_error', 500, 'server_error'],
    ['upstream_error', 502, 'server_error'],
    ['upstream_error', 503, 'overloaded'],
    ['upstream_error', 529, 'overloaded'],
    ['upstream_error', 599, 'server_error'],
    ['upstream_error', 0, 'connection'],
  ])('%s of a %i is %s', (code, status, kind) => expect(failed(code, status)).toBe(kind));

  it('without a status: a connection that fails has a cause, an answer that breaks off has none', () => {
    expect(failed('upstream_error', undefined, new Error('ECONNRESET'))).toBe('connection');
    expect(failed('upstream_error')).toBe('broken_answer');
    expect(failed('upstream_timeout')).toBe('timeout');
  });

  it('a limit of our own is no failure of the upstream, and neither is any other refusal of ours', () => {
    expect(failed('rate_limited')).toBeNull();
    const upstreams: ErrorCode[] = ['upstream_auth_failed', 'upstream_error', 'upstream_timeout'];
    for (const code of ERROR_CODES.filter((known) => !upstreams.includes(known)))
      expect([code, failed(code)]).toEqual([code, null]);
  });
});
