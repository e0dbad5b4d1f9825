import { describe, expect, it } from '@jest/globals';
import { dayRange, toCsv } from './usage.js';

const now = new Date('2026-03-01T23:59:59Z');

describe('a range of days', () => {
  it('is the last 30 days unless told', () => {
    expect(dayRange({}, now)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
    expect(dayRange({ to: '2026-01-30' }, now)).toEqual({ from: '2026-01-01', to: '2026-01-30' });
    expect(dayRange({ from: '2026-03-01' }, now)).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  });

  it('has days that exist, in order, and at most 366 of them', () => {
    expect(dayRange({ from: '2026-02-29' }, now)).toBeNull();
    expect(dayRange({ from: '2024-02-29', to: '2024-03-01' }, now)).not.toBeNull();
    expect(dayRange({ from: '2026-03-02' }, now)).toBeNull();
    expect(dayRange({ from: '2025-03-01', to: '2026-03-01' }, now)).not.toBeNull();
    expect(dayRange({ from: '2025-02-28', to: '2026-03-01' }, now)).toBeNull();
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
