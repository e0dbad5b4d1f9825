import { RETRY_AFTER_S } from '#lib/contracts';

/** An endpoint may ask for more patience than the schedule has, up to this. */
const MOST_RETRY_AFTER_S = 12 * 3_600;
const JITTER = 0.2;

/**
 * How long until a message is tried again, in milliseconds; null: that was the last attempt of its schedule.
 *
 * @param attempts how many of this round failed
 * @param retryAfterS what the endpoint asked for, in seconds
 * @param random evenly from [0, 1): messages that failed together do not come back together
 */
export function nextAttemptMs(
  attempts: number,
  retryAfterS: number | null,
  random: number = Math.random(),
): number | null {
  const base = RETRY_AFTER_S[attempts - 1];
  if (base === undefined) return null;
  const scattered = base * (1 + JITTER * (2 * random - 1));
  return Math.max(scattered, Math.min(retryAfterS ?? 0, MOST_RETRY_AFTER_S)) * 1_000;
}

/** The seconds of a `Retry-After`; null where there is none, or it is a date: the schedule is as good then. */
export function retryAfterOf(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
