import { requestContext } from '#lib/http';
import { RATE_SCOPES } from '#lib/contracts';

const METRICS = [
  ['rpm', 'requests'],
  ['tpm', 'tokens'],
] as const;

/** `x-ratelimit-*` as OpenAI's clients know them: of the limits that this call counts against, the one with the least left. */
export function rateHeaders(): Record<string, string> {
  const headers = METRICS.flatMap(([metric, unit]) => {
    const limits = RATE_SCOPES.flatMap((scope) => requestContext.rateLimit(`${scope}-${metric}`) ?? []);
    const least = limits.sort((a, b) => a.remaining - b.remaining)[0];
    if (!least) return [];
    return [
      [`x-ratelimit-limit-${unit}`, String(least.quota)],
      [`x-ratelimit-remaining-${unit}`, String(Math.max(0, least.remaining))],
      [`x-ratelimit-reset-${unit}`, `${least.windowSeconds}s`],
    ] as const;
  });
  return Object.fromEntries(headers);
}
