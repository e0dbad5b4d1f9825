import type { PolicyRule } from '#lib/contracts';

export type TimeWindow = Extract<PolicyRule, { type: 'time_window' }>;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** Making a formatter takes a hundred times as long as using one; there are some hundred zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether `now` lies in the window, by the clocks of its zone: from `from` on, before `to`. Where `to` is not later than `from`
 * the window goes over midnight (equal: a whole day) and belongs to the day that it begins on.
 */
export function isInside({ days, from, to, timeZone }: TimeWindow, now: Date): boolean {
  const { day, minute } = localTime(timeZone, now);
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start < end) return days.includes(day) && minute >= start && minute < end;
  const dayBefore = (day + 6) % 7;
  return (days.includes(day) && minute >= start) || (days.includes(dayBefore) && minute < end);
}

/** Whether this runtime knows the zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

function localTime(timeZone: string, now: Date): { day: number; minute: number } {
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: DAYS.indexOf(parts['weekday'] ?? ''),
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
