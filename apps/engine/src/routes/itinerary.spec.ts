import { describe, expect, it } from '@jest/globals';
import { Itinerary } from './itinerary.js';

const at = (index: number, waitMs = 0, forced = false) => ({ index, waitMs, forced });

describe('#39 the order of targets', () => {
  it('is the order in which they are named, each once', () => {
    const itinerary = new Itinerary(3);
    for (const index of [0, 1, 2]) {
      expect(itinerary.next(0)).toEqual(at(index));
      itinerary.tried();
      itinerary.spent(index);
    }
    expect([itinerary.next(0), itinerary.attempts]).toEqual([null, 3]);
  });

  it('#40 comes back to those that limited their rate, the one that is free first, and waits until then', () => {
    const itinerary = new Itinerary(3);
    itinerary.limited(0, 9_000);
    itinerary.limited(1, 4_000);
    expect(itinerary.next(1_000)).toEqual(at(2));
    itinerary.spent(2);
    expect(itinerary.next(1_000)).toEqual(at(1, 3_000));
    expect(itinerary.next(20_000)).toEqual(at(1, 0));
    itinerary.spent(1);
    expect(itinerary.next(1_000)).toEqual(at(0, 8_000));
    expect([itinerary.timesLimited(0), itinerary.timesLimited(0), itinerary.timesLimited(1)]).toEqual([
      1, 2, 1,
    ]);
  });

  it('asks the first whose circuit is open when nothing else was tried, and only then', () => {
    const all = new Itinerary(2);
    all.passedOver(0);
    all.passedOver(1);
    expect(all.next(0)).toEqual(at(0, 0, true));
    all.tried();
    expect(all.next(0)).toBeNull();
    const some = new Itinerary(2);
    some.passedOver(0);
    some.tried();
    some.spent(1);
    expect(some.next(0)).toBeNull();
  });

  it('knows how many targets are left to share the time with', () => {
    const itinerary = new Itinerary(3);
    expect([0, 1, 2].map((index) => itinerary.freshBeside(index))).toEqual([2, 2, 2]);
    itinerary.spent(0);
    expect([itinerary.freshBeside(0), itinerary.freshBeside(1)]).toEqual([2, 1]);
  });
});
