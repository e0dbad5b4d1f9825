import { ClavigerError, ConnectionError } from '../errors.js';

const FIRST_MS = 150;
const LONGEST_MS = 8_000;
/** What proxies answer while what is behind them is away (RFC 9110 §15.6); any other page of theirs will be the same the next time. */
const BETWEEN: ReadonlySet<number> = new Set([502, 503, 504]);

export interface RetryRules {
  maxRetries: number;
  maxRetryAfterSeconds: number;
}

/**
 * Milliseconds until the next try, or null: this failure is final. Every post is idempotent, so what is tried again is what may not have
 * arrived, and what says that it passes: 503, a 429 that says when, an equal post still in flight. A run that ended with a failure would only tell it again.
 * The pause doubles with each try and is spread by chance (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function pauseBefore(
  failure: unknown,
  tries: number,
  rules: RetryRules,
  random = Math.random,
): number | null {
  if (tries >= rules.maxRetries) return null;
  const backoff = Math.min(FIRST_MS * 2 ** tries, LONGEST_MS) * (0.5 + random() / 2);
  if (failure instanceof ConnectionError)
    return failure.status === null || BETWEEN.has(failure.status) ? backoff : null;
  if (!(failure instanceof ClavigerError) || failure.runId !== null) return null;
  const { code, status, retryAfterSeconds } = failure;
  // The control plane still works on the first of two equal posts.
  if (code === 'idempotency_in_flight') return backoff;
  if (status !== 503 && (status !== 429 || retryAfterSeconds === null)) return null;
  if (retryAfterSeconds === null) return backoff;
  return retryAfterSeconds > rules.maxRetryAfterSeconds ? null : Math.max(retryAfterSeconds * 1_000, backoff);
}

/** `Retry-After` in seconds, from its number or its date (RFC 9110 §10.2.3); null without one that can be read. */
export function retryAfterOf(headers: Headers, now = Date.now()): number | null {
  const said = headers.get('retry-after');
  if (said === null) return null;
  if (/^\d+$/.test(said.trim())) return Number(said);
  const at = Date.parse(said);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1_000);
}
