import { describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { Itinerary } from './itinerary.js';
import { nextStop, shareOf } from './pauses.js';

const failure = new ClavigerError('rate_limited', 'slow down', { extras: { upstreamStatus: 429 } });

describe('#40 when a run waits, and when it ends', () => {
  const limitedUntil = (atMs: number) => {
    const itinerary = new Itinerary(1);
    itinerary.limited(0, atMs);
    return itinerary;
  };

  it('waits no longer than a minute, and no longer than the run has time', () => {
    expect(nextStop(limitedUntil(60_000), failure, 0, 300_000).waitMs).toBe(60_000);
    expect(() => nextStop(limitedUntil(60_001), failure, 0, 300_000)).toThrow(failure);
    expect(() => nextStop(limitedUntil(5_000), failure, 0, 4_999)).toThrow(failure);
  });

  it('ends with the last failure when nothing is left, and by name after ten attempts', () => {
    const spent = new Itinerary(1);
    spent.spent(0);
    expect(() => nextStop(spent, failure, 0, 300_000)).toThrow(failure);
    const often = limitedUntil(0);
    for (let one = 0; one < 9; one += 1) often.tried();
    expect(nextStop(often, failure, 0, 1).index).toBe(0);
    often.tried();
    expect(() => nextStop(often, failure, 0, 1)).toThrow(
      expect.objectContaining({ code: 'too_many_attempts' }),
    );
  });

  it('a target has its own time, or an even share of what is left, and never more than that', () => {
    expect(shareOf(9_000, 2, null)).toBe(3_000);
    expect(shareOf(9_000, 0, null)).toBe(9_000);
    expect(shareOf(9_000, 2, 500)).toBe(500);
    expect(shareOf(9_000, 2, 60_000)).toBe(9_000);
    expect(shareOf(0, 2, null)).toBe(1);
  });
});
