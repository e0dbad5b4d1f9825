import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RecentRuns } from './recent-runs.js';
import { RunHandle } from './run-handle.js';
import { NOTHING_YET } from './run-row.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function ended(id: string, text: string, level: 'full' | 'metadata' | 'none' = 'none') {
  const handle = new RunHandle(id, { orgId: 'org_1', fence: 0, retention: () => level });
  const retained = level === 'full' ? {} : { retention: level };
  const answer = { id, status: 'succeeded' as const, ...NOTHING_YET, text, ...retained };
  handle.end(answer);
  return { handle, answer };
}

describe('#48 what a run said that nobody may keep', () => {
  it('is in memory for 35 s after its end, and no longer; what is kept whole never is', () => {
    const recent = new RecentRuns();
    for (const level of ['full', 'metadata', 'none'] as const) {
      const { handle, answer } = ended(level, 'Said.', level);
      recent.add(handle, answer);
    }
    jest.advanceTimersByTime(34_999);
    expect(recent.get('full')).toBeUndefined();
    for (const level of ['metadata', 'none'])
      expect(recent.get(level)?.answer).toMatchObject({ text: 'Said.' });
    jest.advanceTimersByTime(1);
    for (const level of ['metadata', 'none']) expect(recent.get(level)).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is bounded in number and in length: the oldest gives way', () => {
    const recent = new RecentRuns();
    const add = (id: string, text: string) => {
      const { handle, answer } = ended(id, text);
      recent.add(handle, answer);
    };
    for (let at = 0; at <= 5_000; at += 1) add(`run_${at}`, 'Said.');
    expect([recent.get('run_0'), recent.get('run_1')?.id]).toEqual([undefined, 'run_1']);
    add('long', 'x'.repeat(6 * 1024 * 1024));
    expect([recent.get('long')?.id, recent.get('run_5000')?.id]).toEqual(['long', 'run_5000']);
    add('longer', 'x'.repeat(7 * 1024 * 1024));
    expect([recent.get('long'), recent.get('longer')?.id]).toEqual([undefined, 'longer']);
    add('too long', 'x'.repeat(17 * 1024 * 1024));
    expect(recent.get('too long')).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });
});
