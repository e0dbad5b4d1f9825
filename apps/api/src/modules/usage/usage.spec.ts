import { describe, expect, it } from '@jest/globals';
import { instantsOf, toCsv, usageRange } from './usage.js';

const now = new Date('2026-03-01T23:59:59Z');

describe('a range of days', () => {
  it('is the last 30 days unless told', () => {
    expect(usageRange({}, now)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
    expect(usageRange({ to: '2026-01-30' }, now)).toEqual({ from: '2026-01-01', to: '2026-01-30' });
    expect(usageRange({ from: '2026-03-01' }, now)).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  });

  it('has days that exist, in order, and at most 366 of them', () => {
    expect(usageRange({ from: '2026-02-29' }, now)).toBeNull();
    expect(usageRange({ from: '2024-02-29', to: '2024-03-01' }, now)).not.toBeNull();
    expect(usageRange({ from: '2026-03-02' }, now)).toBeNull();
    expect(usageRange({ from: '2025-03-01', to: '2026-03-01' }, now)).not.toBeNull();
    expect(usageRange({ from: '2025-02-28', to: '2026-03-01' }, now)).toBeNull();
  });
});

describe('a range of minutes', () => {
  const range = (asked: object) => usageRange(asked, now, 'minute');

  it('is the last hour unless told, and takes minutes and whole days', () => {
    expect(range({})).toEqual({ from: '2026-03-01T23:00Z', to: '2026-03-01T23:59Z' });
    expect(range({ from: '2026-02-28T12:00Z', to: '2026-02-28T12:00Z' })).toEqual({
      from: '2026-02-28T12:00Z',
      to: '2026-02-28T12:00Z',
    });
    expect(range({ from: '2026-02-28', to: '2026-02-28' })).toEqual({
      from: '2026-02-28T00:00Z',
      to: '2026-02-28T23:59Z',
    });
  });

  it('has minutes that exist, in order, and at most a day of them', () => {
    expect(range({ from: '2026-02-28T24:00Z' })).toBeNull();
    expect(range({ from: '2026-02-28T12:60Z', to: '2026-02-28' })).toBeNull();
    expect(range({ from: '2026-02-28T12:01Z', to: '2026-02-28T12:00Z' })).toBeNull();
    expect(range({ from: '2026-02-27T23:59Z', to: '2026-02-28' })).toBeNull();
    expect(usageRange({ from: '2026-02-28T12:00Z' }, now)).toBeNull();
  });

  it('lies between two instants, the second one not included', () => {
    expect(instantsOf({ from: '2026-02-28T23:59Z', to: '2026-02-28T23:59Z' }, 'minute')).toEqual({
      start: new Date('2026-02-28T23:59:00Z'),
      end: new Date('2026-03-01T00:00:00Z'),
    });
    expect(instantsOf({ from: '2026-02-28', to: '2026-02-28' }, 'day')).toEqual({
      start: new Date('2026-02-28T00:00:00Z'),
      end: new Date('2026-03-01T00:00:00Z'),
    });
  });
});

describe('CSV', () => {
  it('quotes what RFC 4180 says, and makes text of what a spreadsheet would run', () => {
    const rows = [
      { a: 'x,y', b: 1 },
      { a: 'say "hi"', b: null },
      { a: '=1+1', b: -5 },
      { a: '-2', b: 0 },
    ];
    expect(toCsv(['a', 'b'], rows)).toBe('a,b\r\n"x,y",1\r\n"say ""hi""",\r\n\'=1+1,-5\r\n\'-2,0\r\n');
  });
});
