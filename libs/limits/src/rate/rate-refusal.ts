import { ClavigerError, type RateMetric, type RateScopeKind } from '#lib/contracts';
import type { RateDelay } from './rate-limiter.js';

/** The longest that a full window may hold a call back, in milliseconds; what would have to wait for longer is refused. */
export const MAX_DELAY_MS = 10_000;
/** What an answer is reserved for when the agent names no maximum. The request is settled by what it used. */
export const UNNAMED_OUTPUT_TOKENS = 1_024;

const UNITS: Record<RateMetric, string> = {
  rpm: 'requests a minute',
  rpd: 'requests a day',
  tpm: 'tokens a minute',
};
const WHO: Record<RateScopeKind, string> = {
  key: 'An OWNER can raise the limit of the key under Settings → AI Providers.',
  token: 'An OWNER or ADMIN can issue a token with more room under Settings → Tokens.',
  provider: 'The operator of this Claviger installation can raise it.',
};

export function rateLimited({ kind, id, name, metric, limit, waitMs }: RateDelay): ClavigerError {
  const retryAfterSeconds = secondsOf(waitMs);
  const detail = `Rate-limited: ${name} has a limit of ${limit} ${UNITS[metric]}, and they are used. Try again in ${retryAfterSeconds} s. ${WHO[kind]}`;
  return new ClavigerError('rate_limited', detail, {
    extras: { retryAfterSeconds, scope: kind, scopeId: id, metric, limit },
  });
}

/** Whole seconds, never early and never none. */
export function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
