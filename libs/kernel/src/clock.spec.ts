import { describe, expect, it } from '@jest/globals';
import { ManualClock, systemClock } from './clock.js';

describe('clocks', () => {
  it('stand still until told to move, both readings together', () => {
    const clock = new ManualClock(new Date('2026-11-21T00:00:00Z'));
    const [wall, monotonic] = [clock.now().getTime(), clock.monotonicMs()];
    clock.advance(1_500);
    expect(clock.now().toISOString()).toBe('2026-11-21T00:00:01.500Z');
    expect(clock.now().getTime() - wall).toBe(clock.monotonicMs() - monotonic);
  });

  it('of the system never go back', () => {
    const readings = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
    expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1_000);
  });
});
