import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { counted, current, givenBack, SHAPES, slotOf, used, waitFor, type Slots } from './window.js';

const shape = SHAPES.rpm;

describe('#44 a sliding window', () => {
  it('counts a unit for the whole window after it, and for half a second more at most', () => {
    const slots = counted([], shape, 1_250, 3);
    expect([1_250, 61_250, 61_499].map((at) => used(slots, shape, at))).toEqual([3, 3, 3]);
    expect(used(slots, shape, 61_500)).toBe(0);
    expect(current(slots, shape, 61_500)).toEqual([]);
  });

  it('admits no more than the limit into any window, and refuses only while the window is full', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 9 })), {
          maxLength: 150,
        }),
        fc.integer({ min: 1, max: 40 }),
        (steps, limit) => {
          let slots: Slots = [];
          let now = 1e9;
          const taken: { at: number; units: number }[] = [];
          const inWindow = (ms: number) =>
            taken.reduce((sum, one) => (one.at > now - ms ? sum + one.units : sum), 0);
          for (const [pause, units] of steps) {
            now += pause;
            const wait = waitFor(slots, shape, now, limit, units);
            if (wait === 0) {
              slots = counted(current(slots, shape, now), shape, now, units);
              taken.push({ at: now, units });
              expect(inWindow(shape.windowMs)).toBeLessThanOrEqual(limit);
            } else if (units <= limit) {
              expect(inWindow(shape.windowMs + shape.slotMs) + units).toBeGreaterThan(limit);
              expect(waitFor(slots, shape, now + wait, limit, units)).toBe(0);
              expect(waitFor(slots, shape, now + wait - 1, limit, units)).toBeGreaterThan(0);
            } else expect(wait).toBe(Infinity);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes back from the slot that it was counted in, then from older ones, never from newer ones', () => {
    const slots: Slots = [
      [1, 2],
      [2, 3],
      [5, 4],
    ];
    expect(givenBack(slots, 2, 4)).toEqual([
      [1, 1],
      [5, 4],
    ]);
    expect(givenBack(slots, 9, 1)).toEqual([
      [1, 2],
      [2, 3],
      [5, 3],
    ]);
    expect(givenBack(slots, 2, 100)).toEqual([[5, 4]]);
    expect(slotOf(shape, 1_499)).toBe(2);
  });
});
