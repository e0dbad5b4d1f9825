import { describe, expect, it } from '@jest/globals';
import { nextAttemptMs, retryAfterOf } from './schedule.js';

describe('#55 the schedule of attempts', () => {
  it('is 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, each ± 20 %, and ends', () => {
    const inTheMiddle = Array.from({ length: 8 }, (_, at) => nextAttemptMs(at + 1, null, 0.5));
    const seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
    expect(inTheMiddle).toEqual([...seconds.map((s) => s * 1_000), null]);
    expect(nextAttemptMs(1, null, 0)).toBeCloseTo(4_000);
    expect(nextAttemptMs(1, null, 0.999999)).toBeCloseTo(6_000, 1);
  });

  it('waits for what the endpoint asks, and not for ever', () => {
    expect(nextAttemptMs(1, 120, 0.5)).toBe(120_000);
    expect(nextAttemptMs(1, 999_999, 0.5)).toBe(12 * 3_600_000);
    expect(nextAttemptMs(3, 1, 0.5)).toBe(1_800_000);
    expect([retryAfterOf('30'), retryAfterOf('Wed, 21 Oct 2026 07:28:00 GMT'), retryAfterOf(null)]).toEqual([
      30,
      null,
      null,
    ]);
  });
});
