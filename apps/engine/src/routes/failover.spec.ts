import { describe, expect, it } from '@jest/globals';
import { ClavigerError, ERROR_CODES, type ErrorCode } from '#lib/contracts';
import { concernsTarget, goesElsewhere, verdictOf } from './failover.js';

const error = (code: ErrorCode, upstreamStatus?: number) =>
  new ClavigerError(code, 'x', upstreamStatus === undefined ? {} : { extras: { upstreamStatus } });

const cases: [ErrorCode, number | undefined, boolean, 'well' | 'ill' | null][] = [
  // what came, its status, whether another target is tried, what it says of the place
  ['rate_limited', 429, true, 'well'],
  ['upstream_error', 500, true, 'ill'],
  ['upstream_error', 502, true, 'ill'],
  ['upstream_error', 503, true, 'ill'],
  ['upstream_error', 529, true, 'ill'],
  ['upstream_error', undefined, true, 'ill'],
  ['upstream_timeout', 504, true, 'ill'],
  ['upstream_timeout', undefined, true, 'ill'],
  ['upstream_error', 400, false, 'well'],
  ['upstream_error', 404, false, 'well'],
  ['upstream_error', 422, false, 'well'],
  ['upstream_auth_failed', 401, false, 'well'],
  ['upstream_auth_failed', 403, false, 'well'],
  ['output_invalid', undefined, false, null],
  ['policy_violation', undefined, false, null],
  ['rate_limited', undefined, false, null],
  ['no_provider_key', undefined, false, null],
  ['run_cancelled', undefined, false, null],
  ['ai_disabled', undefined, false, null],
];

describe('#39 which error goes on to which target', () => {
  it.each(cases)('%s (%s): elsewhere %s, the place is %s', (code, status, elsewhere, verdict) => {
    expect(goesElsewhere(error(code, status), true)).toBe(elsewhere);
    expect(verdictOf(error(code, status))).toBe(verdict);
  });

  it('nothing goes on after the first token', () => {
    for (const [code, status] of cases) expect(goesElsewhere(error(code, status), false)).toBe(false);
  });

  it('a call that was answered says that the place is well', () => expect(verdictOf(null)).toBe('well'));

  it('a gate that refuses a target lets the run go on; one that refuses the caller, or stops all calls, ends it', () => {
    const passedOver = ERROR_CODES.filter((code) => concernsTarget(error(code)));
    expect([...passedOver].sort()).toEqual(
      [
        ...['no_provider_key', 'provider_disabled', 'model_not_available', 'model_lacks_tools'],
        ...['policy_violation', 'plan_limit_reached', 'rate_limited', 'quota_exceeded', 'budget_exceeded'],
        ...['kms_unavailable', 'validation_failed'],
      ].sort(),
    );
  });
});
