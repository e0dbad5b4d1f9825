import { describe, expect, it } from '@jest/globals';
import { countOf, executionsCounter, limitsOf } from './plan-limit.js';

describe('#41 plan limits', () => {
  it('a limit that is absent or null is none', () => {
    expect(limitsOf({ keys: 3, workspaces: null, members: 0 })).toEqual({
      keys: 3,
      workspaces: null,
      members: 0,
      executionsPerMonth: null,
    });
    expect(limitsOf(null)).toEqual({ keys: null, workspaces: null, members: null, executionsPerMonth: null });
  });

  it('executions are counted by the month in UTC', () => {
    expect(executionsCounter(new Date('2026-11-30T23:59:59Z'))).toBe('executions:2026-11');
    expect(executionsCounter(new Date('2026-12-01T00:30:00+01:00'))).toBe('executions:2026-11');
  });

  it('counts are spelt as people read them', () => {
    expect([countOf('keys', 1), countOf('keys', 3)]).toEqual(['1 provider key', '3 provider keys']);
  });
});
