export const USAGE_GROUPS = ['key', 'workspace', 'workflow', 'user', 'token', 'model'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export const USAGE_INTERVALS = ['day', 'minute'] as const;
export type UsageInterval = (typeof USAGE_INTERVALS)[number];

/** Days as YYYY-MM-DD or minutes as YYYY-MM-DDTHH:MMZ, in UTC, both included. */
export interface UsageRange {
  from: string;
  to: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long an interval is, how many of them are told unless a range is given, and at most. */
const INTERVALS = {
  day: { ms: DAY_MS, usual: 30, most: 366 },
  minute: { ms: MINUTE_MS, usual: 60, most: 1_440 },
} as const satisfies Record<UsageInterval, object>;

/** The most intervals of a kind that are told at once. */
export function mostOf(interval: UsageInterval): number {
  return INTERVALS[interval].most;
}

/**
 * The range asked for, with what was left out filled in; null when it is no range or a too long one. Of minutes a day stands for its
 * first one in `from` and its last one in `to`.
 */
export function usageRange(
  asked: Partial<UsageRange>,
  now: Date,
  interval: UsageInterval = 'day',
): UsageRange | null {
  const { ms, usual, most } = INTERVALS[interval];
  const to = startOf(asked.to, interval, DAY_MS - ms) ?? Math.floor(now.getTime() / ms) * ms;
  const from = startOf(asked.from, interval, 0) ?? to - (usual - 1) * ms;
  const count = (to - from) / ms + 1;
  if (!Number.isFinite(count) || count < 1 || count > most) return null;
  return { from: written(new Date(from), interval), to: written(new Date(to), interval) };
}

/** The instants that a range lies between, the second one not included. */
export function instantsOf({ from, to }: UsageRange, interval: UsageInterval): { start: Date; end: Date } {
  return { start: new Date(from), end: new Date(Date.parse(to) + INTERVALS[interval].ms) };
}

/** Milliseconds of the start of what was named; undefined when left out, NaN for what no calendar has or is no such interval. */
function startOf(text: string | undefined, interval: UsageInterval, intoDayMs: number): number | undefined {
  if (text === undefined) return undefined;
  const isDay = text.length === 10;
  if (!isDay && interval === 'day') return Number.NaN;
  const ms = Date.parse(isDay ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(ms) || written(new Date(ms), isDay ? 'day' : interval) !== text) return Number.NaN;
  return isDay ? ms + intoDayMs : ms;
}

/** An instant as the day or the minute that it is in. */
export function written(date: Date, interval: UsageInterval): string {
  const text = date.toISOString();
  return interval === 'day' ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
}

/** RFC 4180. A cell that a spreadsheet would run as a formula is made text with a leading apostrophe. */
export function toCsv<Row extends object>(
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.join(','), ...lines, ''].join('\r\n');
}

function cell(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
