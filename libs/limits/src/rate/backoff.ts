/** A request that the vendor turned away is made this often at most. */
export const UPSTREAM_ATTEMPTS = 5;
const FIRST_MS = 2_000;
const SPREAD = 0.25;

/**
 * The pause before the attempt after `attempt` (from 1): 2, 4, 8, 16 s, each ± 25 %, so that callers who were turned away together
 * do not come back together (PRODUCT #40). What the vendor asked for wins over it.
 * @param random from 0 up to 1
 * @param retryAfterSeconds of the answer, or null when it named none
 */
export function backoffMs(attempt: number, random: number, retryAfterSeconds: number | null): number {
  if (retryAfterSeconds !== null) return retryAfterSeconds * 1_000;
  return Math.round(FIRST_MS * 2 ** (attempt - 1) * (1 - SPREAD + 2 * SPREAD * random));
}
