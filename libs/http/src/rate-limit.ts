/** What is left of a quota that the current request counted against. */
export interface RateLimit {
  /** A plain word: what the quota is counted by. */
  name: string;
  quota: number;
  windowSeconds: number;
  remaining: number;
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): one item for each quota. `t` is the time within which
 * the quota is whole again if nothing more is counted: our windows slide, so it is at most the window.
 */
export function rateLimitHeaders(limits: readonly RateLimit[]): Record<string, string> {
  if (limits.length === 0) return {};
  const list = (parameters: (limit: RateLimit) => string) =>
    limits.map((limit) => `"${limit.name}";${parameters(limit)}`).join(', ');
  return {
    'ratelimit-policy': list(({ quota, windowSeconds }) => `q=${quota};w=${windowSeconds}`),
    ratelimit: list(({ remaining, windowSeconds }) => `r=${Math.max(0, remaining)};t=${windowSeconds}`),
  };
}
