import { describe, expect, it } from '@jest/globals';
import { bucketTime, type BucketTime, type TimeMark } from './bucket-time.js';

const HOUR = 3_600_000;
const start: BucketTime = { shiftMs: 0, jumps: 0, lastMs: 1_000_000 };
const mark: TimeMark = { bucketMs: 1_000_000, monotonicMs: 50, jumps: 0 };
/** Ten seconds after `mark`, by a store whose clock is `off`. */
const reading = (off: number) => ({ storeMs: 1_010_000 + off, sentMs: 10_040, gotMs: 10_050 });

describe('#44 the time of a bucket', () => {
  it('is the store’s clock while that runs as clocks do', () => {
    for (const off of [0, 1_500, -1_500])
      expect(bucketTime(start, reading(off), mark)).toEqual({
        shiftMs: 0,
        jumps: 0,
        lastMs: 1_010_000 + off,
      });
  });

  it.each([HOUR, -HOUR])(
    'goes on as before when the store’s clock jumps by %i ms and a witness is there',
    (off) => {
      const after = bucketTime(start, reading(off), mark);
      expect(Math.abs(after.lastMs - 1_010_000)).toBeLessThanOrEqual(10);
      expect(after.jumps).toBe(1);
      // Another process that did not see it believes the correction, and corrects nothing itself.
      const later = { ...reading(off), storeMs: 1_011_000 + off };
      const other = bucketTime(after, later, { ...mark, bucketMs: 990_000 });
      expect(other).toEqual({ ...after, lastMs: after.lastMs + 1_000 });
    },
  );

  it('never goes back, and does not freeze, when nobody saw the clock jump back', () => {
    const after = bucketTime(start, reading(-HOUR), undefined);
    expect([after.lastMs, after.jumps]).toEqual([start.lastMs, 1]);
    expect(bucketTime(after, { ...reading(-HOUR + 5_000) }, undefined).lastMs).toBe(start.lastMs + 5_000);
  });

  it('takes a process that was held up for slow, not the clock for broken', () => {
    const stalled = { storeMs: 1_010_000, sentMs: 10_040, gotMs: 70_050 };
    expect(bucketTime(start, stalled, mark)).toEqual({ shiftMs: 0, jumps: 0, lastMs: 1_010_000 });
  });
});
