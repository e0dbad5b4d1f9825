import type { Usage, UsageRow, UsageTotal } from '@/lib/api/types';

const DAY_MS = 86_400_000;

/** Days as YYYY-MM-DD in UTC, both included. */
export interface Days {
  from: string;
  to: string;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function start(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The last so many days, today included. */
export function lastDays(count: number, now: number): Days {
  return { from: dayOf(now - (count - 1) * DAY_MS), to: dayOf(now) };
}

/** As many days right before these. */
export function previousDays({ from, to }: Days): Days {
  const length = start(to) - start(from) + DAY_MS;
  return { from: dayOf(start(from) - length), to: dayOf(start(from) - DAY_MS) };
}

export function isDays({ from, to }: Days): boolean {
  const [first, last] = [start(from), start(to)];
  return first <= last && last - first < 366 * DAY_MS;
}

/** Every day of the range, also those on which nothing happened. */
export function eachDay({ from, to }: Days): string[] {
  const days = Math.round((start(to) - start(from)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, days) }, (_, index) => dayOf(start(from) + index * DAY_MS));
}

/** A group's sums over the range, and its spend day by day. */
export interface GroupUsage extends UsageTotal {
  /** Micro-USD, one for each day of the range. */
  daily: number[];
}

function emptyGroup({ group, name }: UsageRow, days: number): GroupUsage {
  return {
    group: group ?? '',
    name: name ?? (group || 'not named'),
    ...{ calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0, unpricedCalls: 0 },
    daily: Array.from({ length: days }, () => 0),
  };
}

/** The rows of a range by their group, the dearest first. */
export function byGroup({ from, to, data }: Usage): GroupUsage[] {
  const at = new Map(eachDay({ from, to }).map((day, index) => [day, index]));
  const groups = new Map<string, GroupUsage>();
  for (const row of data) {
    const total = groups.get(row.group ?? '') ?? emptyGroup(row, at.size);
    total.calls += row.calls;
    total.inputTokens += row.inputTokens;
    total.outputTokens += row.outputTokens;
    total.costMicroUsd += row.costMicroUsd;
    total.unpricedCalls += row.unpricedCalls;
    const index = at.get(row.day);
    if (index !== undefined) total.daily[index] = (total.daily[index] ?? 0) + row.costMicroUsd;
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
