import type { Usage, UsageInterval, UsageRow, UsageTotal } from '@/lib/api/types';

/** What is added up: days as YYYY-MM-DD or minutes as YYYY-MM-DDTHH:MMZ, in UTC, both ends included. */
export interface UsageRange {
  interval: UsageInterval;
  from: string;
  to: string;
}

/** How long each is in milliseconds, and how many of them are told at once. */
const INTERVALS = {
  day: { ms: 86_400_000, most: 366 },
  minute: { ms: 60_000, most: 1_440 },
} as const;

/** More columns than these no chart can show. */
const MOST_COLUMNS = 366;

function written(ms: number, interval: UsageInterval): string {
  const text = new Date(ms).toISOString();
  return interval === 'day' ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
}

function start(time: string, interval: UsageInterval): number {
  return Date.parse(interval === 'day' ? `${time}T00:00:00Z` : time);
}

/** The last so many days or minutes, this one included. */
export function last(count: number, interval: UsageInterval, now: number): UsageRange {
  const from = written(now - (count - 1) * INTERVALS[interval].ms, interval);
  return { interval, from, to: written(now, interval) };
}

/** As much time right before this. */
export function previousRange({ interval, from, to }: UsageRange): UsageRange {
  const { ms } = INTERVALS[interval];
  const [first, end] = [start(from, interval), start(to, interval)];
  return {
    interval,
    from: written(first - (end - first + ms), interval),
    to: written(first - ms, interval),
  };
}

/** Whether it is one of times that exist, not longer than what is told at once. */
export function isRange({ interval, from, to }: UsageRange): boolean {
  const [first, end] = [start(from, interval), start(to, interval)];
  return first <= end && end - first < INTERVALS[interval].most * INTERVALS[interval].ms;
}

/** The range with one end at another time. Where that makes it none, or too long, the other end comes along. */
export function movedTo(range: UsageRange, end: 'from' | 'to', time: string): UsageRange {
  const { interval, from, to } = range;
  const asked = { ...range, [end]: time };
  const at = start(time, interval);
  if (isRange(asked) || Number.isNaN(at)) return asked;
  const length = start(to, interval) - start(from, interval);
  return end === 'from'
    ? { ...asked, to: written(at + length, interval) }
    : { ...asked, from: written(at - length, interval) };
}

/** Every day or minute of the range, also those in which nothing happened. */
function eachOf({ interval, from, to }: UsageRange): string[] {
  const { ms } = INTERVALS[interval];
  const first = start(from, interval);
  const length = Math.round((start(to, interval) - first) / ms) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => written(first + index * ms, interval));
}

/** The columns of a chart over the range: one for each day or minute, or for a few minutes where there are too many; each by its first. */
export function columnsOf(range: UsageRange): { names: string[]; width: number } {
  const times = eachOf(range);
  const width = Math.max(1, Math.ceil(times.length / MOST_COLUMNS));
  return { names: times.filter((_, index) => index % width === 0), width };
}

/** A group's sums over the range, and its spend column by column. */
export interface GroupUsage extends UsageTotal {
  /** Micro-USD, one for each column of the range. */
  series: number[];
}

function emptyGroup({ group, name }: UsageRow, columns: number): GroupUsage {
  return {
    group: group ?? '',
    name: name ?? (group || 'not named'),
    ...{ calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0, unpricedCalls: 0 },
    series: Array.from({ length: columns }, () => 0),
  };
}

/** The rows of a range by their group, the dearest first. */
export function byGroup({ data, ...range }: Usage): GroupUsage[] {
  const { names, width } = columnsOf(range);
  const columnAt = new Map(eachOf(range).map((time, index) => [time, Math.floor(index / width)]));
  const groups = new Map<string, GroupUsage>();
  for (const row of data) {
    const total = groups.get(row.group ?? '') ?? emptyGroup(row, names.length);
    total.calls += row.calls;
    total.inputTokens += row.inputTokens;
    total.outputTokens += row.outputTokens;
    total.costMicroUsd += row.costMicroUsd;
    total.unpricedCalls += row.unpricedCalls;
    const column = columnAt.get(row.minute ?? row.day);
    if (column !== undefined) total.series[column] = (total.series[column] ?? 0) + row.costMicroUsd;
    groups.set(total.group, total);
  }
  return [...groups.values()].sort((a, b) => b.costMicroUsd - a.costMicroUsd || b.calls - a.calls);
}

/** How much more or less than before, in words; null where there was nothing before. */
export function changeWords(now: number, before: number | undefined): string | null {
  if (before === undefined || before === 0) return null;
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return 'as before';
  return `${Math.abs(percent)} % ${percent > 0 ? 'more' : 'less'}`;
}
