import { describe, expect, it } from '@jest/globals';
import { SERIES_COLOURS, seriesColours } from './series-colours';
import { byGroup, changeWords, columnsOf, isRange, last, movedTo, previousRange } from './usage-series';

const row = (day: string, group: string, costMicroUsd: number) => ({
  ...{ day, group, name: null, minute: null, calls: 1, failedCalls: 0, inputTokens: 2, outputTokens: 3 },
  ...{ cachedInputTokens: 0, reasoningTokens: 0, costMicroUsd, unpricedCalls: 0 },
});

describe('#52 usage over a range', () => {
  it('counts days in UTC, both included, and as many right before', () => {
    const days = last(7, 'day', Date.parse('2026-03-03T23:59:00Z'));
    expect(days).toEqual({ interval: 'day', from: '2026-02-25', to: '2026-03-03' });
    expect(previousRange(days)).toEqual({ interval: 'day', from: '2026-02-18', to: '2026-02-24' });
    expect(columnsOf(days).names).toHaveLength(7);
    expect(isRange({ interval: 'day', from: '2026-03-02', to: '2026-03-01' })).toBe(false);
    expect(isRange({ interval: 'day', from: '2025-01-01', to: '2026-03-01' })).toBe(false);
    expect(isRange({ interval: 'day', from: 'yesterday', to: '2026-03-01' })).toBe(false);
  });

  it('counts minutes over midnight, and draws a long range in columns of a few', () => {
    const hour = last(60, 'minute', Date.parse('2026-03-01T00:10:30Z'));
    expect(hour).toEqual({ interval: 'minute', from: '2026-02-28T23:11Z', to: '2026-03-01T00:10Z' });
    expect(previousRange(hour)).toMatchObject({ from: '2026-02-28T22:11Z', to: '2026-02-28T23:10Z' });
    expect(columnsOf(hour)).toMatchObject({ width: 1, names: { length: 60 } });
    const day = { interval: 'minute', from: '2026-03-01T00:00Z', to: '2026-03-01T23:59Z' } as const;
    expect([isRange(day), isRange({ ...day, to: '2026-03-02T00:00Z' })]).toEqual([true, false]);
    expect(columnsOf(day)).toMatchObject({ width: 4, names: { length: 360 } });
    const data = ['00:03', '00:04', '00:07'].map((time) => ({
      ...row('2026-03-01', 'a', 1),
      minute: `2026-03-01T${time}Z`,
    }));
    const [group] = byGroup({ ...day, groupBy: 'key', pricesAsOf: null, data });
    expect(group?.series.slice(0, 3)).toEqual([1, 2, 0]);
  });

  it('takes the other end along where one is set beyond it, or too far away', () => {
    const week = { interval: 'day', from: '2026-03-01', to: '2026-03-07' } as const;
    expect(movedTo(week, 'from', '2026-03-03')).toMatchObject({ from: '2026-03-03', to: '2026-03-07' });
    expect(movedTo(week, 'from', '2026-04-01')).toMatchObject({ from: '2026-04-01', to: '2026-04-07' });
    expect(movedTo(week, 'to', '2024-03-07')).toMatchObject({ from: '2024-03-01', to: '2024-03-07' });
  });

  it('adds up by group, the dearest first, with a figure for every day', () => {
    const data = [row('2026-03-01', 'a', 5), row('2026-03-03', 'a', 1), row('2026-03-02', 'b', 9)];
    const asked = { from: '2026-03-01', to: '2026-03-03', interval: 'day', groupBy: 'key' } as const;
    const usage = { ...asked, pricesAsOf: null, data };
    const groups = byGroup(usage);
    expect(groups.map(({ group, costMicroUsd, series }) => [group, costMicroUsd, series])).toEqual([
      ['b', 9, [0, 9, 0]],
      ['a', 6, [5, 0, 1]],
    ]);
    expect([changeWords(3, 2), changeWords(1, 2), changeWords(2, 2), changeWords(2, 0)]).toEqual([
      '50 % more',
      '50 % less',
      'as before',
      null,
    ]);
  });
});

describe('the colours of series', () => {
  const names = Array.from({ length: SERIES_COLOURS }, (_, index) => `aip_${index}`);

  it('a name keeps its colour, whatever newer names come beside it', () => {
    const few = seriesColours(names.slice(0, 4));
    const all = seriesColours([...names].reverse());
    for (const [name, colour] of few) expect(all.get(name)).toBe(colour);
    expect(new Set(all.values()).size).toBe(SERIES_COLOURS);
    expect(seriesColours([...names, 'aip_more']).size).toBe(SERIES_COLOURS + 1);
  });
});
