import { RATE_METRICS, type RateLimits } from '#lib/contracts';
import { beyondItsMaker } from './tokens.errors.js';

/** The limits of a token that one with these limits makes: at most its maker's, which it takes on where it names none. Throws forbidden. */
export function boundLimits(asked: RateLimits | null, maker: RateLimits | null): RateLimits | null {
  const limits: RateLimits = { ...maker, ...asked };
  for (const metric of RATE_METRICS) {
    const [most, wanted] = [maker?.[metric], limits[metric]];
    if (most !== undefined && (wanted ?? Infinity) > most) throw beyondItsMaker(metric, most);
  }
  // A token without any limit has none: an empty object says the same.
  return Object.keys(limits).length > 0 ? limits : null;
}

/**
 * The line of a new token, without doubles: its maker's, then that of the token whose place it takes. What holds for any of them
 * (a policy, a window of a limit) holds for it.
 */
export function lineOf(maker: readonly string[], replaced: readonly string[]): string[] {
  return [...new Set([...maker, ...replaced])];
}
