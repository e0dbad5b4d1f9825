import { describe, expect, it } from '@jest/globals';
import { backoffMs, UPSTREAM_ATTEMPTS } from './backoff.js';

describe('#40 the pause after a refusal for the rate', () => {
  it('is 2, 4, 8 and 16 seconds, a quarter up or down', () => {
    const pauses = (random: number) =>
      Array.from({ length: UPSTREAM_ATTEMPTS - 1 }, (_, at) => backoffMs(at + 1, random, null));
    expect(pauses(0)).toEqual([1_500, 3_000, 6_000, 12_000]);
    expect(pauses(0.5)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(pauses(0.999_999)).toEqual([2_500, 5_000, 10_000, 20_000]);
  });

  it('is what the vendor asks for, whatever that is', () => {
    expect([backoffMs(1, 0.5, 0), backoffMs(4, 0, 1), backoffMs(1, 1, 90)]).toEqual([0, 1_000, 90_000]);
  });
});
