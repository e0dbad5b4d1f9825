import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '#lib/kernel';
import { CircuitBreaker, OPEN_MS, OPENS_AFTER, WINDOW_MS } from './circuit-breaker.js';

function breaker() {
  const clock = new ManualClock();
  const circuits = new CircuitBreaker(clock);
  const fail = (place: string, times = OPENS_AFTER) => {
    for (let one = 0; one < times; one += 1) circuits.note(place, 'ill');
  };
  return { clock, circuits, fail };
}

describe('#39 the circuit breaker', () => {
  it('opens after five failures in a row, of that place alone', () => {
    const { circuits, fail } = breaker();
    fail('a', OPENS_AFTER - 1);
    expect(circuits.allows('a')).toBe(true);
    fail('a', 1);
    expect([circuits.allows('a'), circuits.allows('b')]).toEqual([false, true]);
  });

  it('a success in between begins the count anew; what says nothing changes nothing', () => {
    const { circuits, fail } = breaker();
    fail('a', OPENS_AFTER - 1);
    circuits.note('a', null);
    circuits.note('a', 'well');
    fail('a', OPENS_AFTER - 1);
    expect(circuits.allows('a')).toBe(true);
  });

  it('failures that are further apart than the window do not open it', () => {
    const { clock, circuits, fail } = breaker();
    for (let one = 0; one < 20; one += 1) {
      fail('a', 1);
      clock.advance(WINDOW_MS / (OPENS_AFTER - 2));
    }
    expect(circuits.allows('a')).toBe(true);
  });

  it('after its pause one call may try, and no second one beside it', () => {
    const { clock, circuits, fail } = breaker();
    fail('a');
    clock.advance(OPEN_MS - 1);
    expect(circuits.allows('a')).toBe(false);
    clock.advance(1);
    expect([circuits.allows('a'), circuits.allows('a')]).toEqual([true, false]);
  });

  it('the probe decides: well closes it, ill opens it for another pause, nothing lets the next call try', () => {
    const { clock, circuits, fail } = breaker();
    fail('a');
    clock.advance(OPEN_MS);
    expect(circuits.allows('a')).toBe(true);
    circuits.note('a', null);
    expect(circuits.allows('a')).toBe(true);
    circuits.note('a', 'ill');
    expect(circuits.allows('a')).toBe(false);
    clock.advance(OPEN_MS);
    expect(circuits.allows('a')).toBe(true);
    circuits.note('a', 'well');
    expect([circuits.allows('a'), circuits.allows('a')]).toEqual([true, true]);
  });

  it('a probe that never ended does not keep it shut for ever', () => {
    const { clock, circuits, fail } = breaker();
    fail('a');
    clock.advance(OPEN_MS);
    expect(circuits.allows('a')).toBe(true);
    clock.advance(600_000);
    expect(circuits.allows('a')).toBe(true);
  });
});
