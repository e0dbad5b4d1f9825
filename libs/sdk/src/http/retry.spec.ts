import { describe, expect, it } from '@jest/globals';
import { ClavigerError, ConnectionError } from '../errors.js';
import type { Problem } from '../wire.js';
import { pauseBefore, retryAfterOf } from './retry.js';

const RULES = { maxRetries: 4, maxRetryAfterSeconds: 60 };
const problem = (status: number, code: Problem['code'], more: object = {}): Problem => ({
  ...{ type: '', title: '', detail: '', instance: '/', requestId: 'req_1', code, status },
  ...more,
});
const pauseFor = (failure: unknown, tries = 0) => pauseBefore(failure, tries, RULES, () => 1);
const refused = (...of: Parameters<typeof problem>) => new ClavigerError(problem(...of));

describe('#57 what is tried again', () => {
  it('is a lost connection, a proxy’s page, a 503, and a 429 that says when', () => {
    expect(pauseFor(new ConnectionError('lost'))).toBe(150);
    expect(pauseFor(new ConnectionError('a page', 502))).toBe(150);
    expect(pauseFor(refused(503, 'overloaded'))).toBe(150);
    expect(pauseFor(refused(409, 'idempotency_in_flight'))).toBe(150);
    expect(pauseFor(refused(503, 'overloaded', { retryAfterSeconds: 3 }))).toBe(3_000);
    expect(pauseFor(refused(429, 'rate_limited', { retryAfterSeconds: 2 }))).toBe(2_000);
    expect(pauseFor(new ClavigerError(problem(429, 'rate_limited'), 7))).toBe(7_000);
  });

  it('is nothing else', () => {
    expect(pauseFor(refused(429, 'quota_exceeded'))).toBeNull();
    expect(pauseFor(refused(429, 'quota_exceeded', { retryAfterSeconds: 3_600 }))).toBeNull();
    expect(pauseFor(refused(503, 'kms_unavailable', { runId: 'run_1' }))).toBeNull();
    for (const [status, code] of [
      ...([
        [401, 'unauthenticated'],
        [409, 'conflict'],
        [422, 'validation_failed'],
      ] as const),
      ...([
        [500, 'internal'],
        [502, 'upstream_error'],
        [504, 'upstream_timeout'],
      ] as const),
    ])
      expect([code, pauseFor(refused(status, code))]).toEqual([code, null]);
    expect(pauseFor(new ConnectionError('a page', 404))).toBeNull();
    expect(pauseFor(new TypeError('a bug'))).toBeNull();
  });

  it('after pauses that double up to 8 s, half of each by chance, and no more often than told', () => {
    const lost = new ConnectionError('lost');
    expect([0, 1, 2, 3, 4].map((tries) => pauseFor(lost, tries))).toEqual([150, 300, 600, 1_200, null]);
    expect(pauseBefore(lost, 20, { ...RULES, maxRetries: 30 }, () => 0)).toBe(4_000);
  });

  it('reads Retry-After as a number and as a date', () => {
    const after = (value?: string) =>
      retryAfterOf(new Headers(value === undefined ? {} : { 'retry-after': value }), Date.UTC(2026, 0, 1));
    expect([after('12'), after('Thu, 01 Jan 2026 00:00:05 GMT'), after('soon'), after()]).toEqual([
      12,
      5,
      null,
      null,
    ]);
    expect(after('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  });
});
