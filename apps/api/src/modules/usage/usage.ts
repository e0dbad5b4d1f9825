export const USAGE_GROUPS = ['key', 'workspace', 'workflow', 'user', 'token', 'model'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** Days as YYYY-MM-DD in UTC, both included. */
export interface DayRange {
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;
export const MOST_DAYS = 366;

/** The range asked for, with what was left out filled in; null when it is no range, or one of more than 366 days. */
export function dayRange(asked: Partial<DayRange>, now: Date): DayRange | null {
  const to = dayStart(asked.to) ?? Date.parse(dayOf(now));
  const from = dayStart(asked.from) ?? to - (USUAL_DAYS - 1) * DAY_MS;
  const days = (to - from) / DAY_MS + 1;
  if (!Number.isFinite(days) || days < 1 || days > MOST_DAYS) return null;
  return { from: dayOf(new Date(from)), to: dayOf(new Date(to)) };
}

/** Milliseconds of the day's start; undefined when left out, NaN for a day that no calendar has. */
function dayStart(day: string | undefined): number | undefined {
  if (day === undefined) return undefined;
  const ms = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(ms) || dayOf(new Date(ms)) === day ? ms : Number.NaN;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
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
