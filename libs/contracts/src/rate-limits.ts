/** Requests per minute, requests per day, tokens per minute (PRODUCT #44). */
export const RATE_METRICS = ['rpm', 'rpd', 'tpm'] as const;
export type RateMetric = (typeof RATE_METRICS)[number];

/** Limits as a key, a token or a provider has them; what is left out is unlimited. */
export type RateLimits = { [metric in RateMetric]?: number };

/** A key's, which may be limited in how many requests it has under way at once, too. */
export type KeyLimits = RateLimits & { concurrency?: number };

/** Whose limit it is. */
export const RATE_SCOPES = ['key', 'token', 'provider'] as const;
export type RateScopeKind = (typeof RATE_SCOPES)[number];

/** What is left of one limit now. */
export interface HeadRoom {
  scope: RateScopeKind;
  /** `aip_…`, `tok_…` or the provider's slug. */
  id: string;
  metric: RateMetric;
  limit: number;
  /** Counted in the window that ends now, leases that processes hold included. */
  used: number;
  left: number;
  windowSeconds: number;
}
