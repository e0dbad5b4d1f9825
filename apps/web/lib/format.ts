const DAY_MS = 86_400_000;

/** A time as people say it ("3 minutes ago"), older than a week as a date. Null reads "never". */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return 'never';
  const seconds = (Date.parse(iso) - now) / 1_000;
  const formatter = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const past = Math.abs(seconds);
  if (past < 45) return 'just now';
  if (past < 3_570) return formatter.format(Math.round(seconds / 60), 'minute');
  if (past < 84_600) return formatter.format(Math.round(seconds / 3_600), 'hour');
  if (past * 1_000 < 7 * DAY_MS) return formatter.format(Math.round(seconds / 86_400), 'day');
  return date(iso);
}

/** A date as `21 Nov 2026`. */
export function date(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(iso));
}

/** A point in time as `2026-11-21 07:40:12 UTC`. */
export function timestamp(iso: string): string {
  return `${new Date(iso).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** Micro-USD as dollars, with as many decimals as a small amount needs; null is unknown. */
export function money(microUsd: number | null | undefined): string {
  if (microUsd === null || microUsd === undefined) return 'price unknown';
  const usd = microUsd / 1_000_000;
  const digits = usd === 0 || usd >= 1 ? 2 : usd >= 0.01 ? 4 : 6;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 key`, `2 keys`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A context window in tokens as `200K` or `1M`. */
export function tokens(value: number): string {
  return value >= 1_000_000 ? `${Math.round(value / 100_000) / 10}M` : `${Math.round(value / 1_000)}K`;
}
