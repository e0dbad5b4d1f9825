import { requestContext } from '#lib/http';
import { RATE_SCOPES } from '#lib/contracts';

const METRICS = [
  { unit: 'requests', names: RATE_SCOPES.map((scope) => `${scope}-rpm`) },
  { unit: 'tokens', names: RATE_SCOPES.map((scope) => `${scope}-tpm`) },
];

/** `x-ratelimit-*` as OpenAI's clients know them: of the limits that this call counts against, the one with the least left. */
export function rateHeaders(): string[] {
  const headers: string[] = [];
  for (const { unit, names } of METRICS) {
    const limits = names.flatMap((name) => requestContext.rateLimit(name) ?? []);
    const [first, ...others] = limits;
    if (!first) continue;
    const least = others.reduce((low, other) => (other.remaining < low.remaining ? other : low), first);
    headers.push(`x-ratelimit-limit-${unit}`, String(least.quota));
    headers.push(`x-ratelimit-remaining-${unit}`, String(Math.max(0, least.remaining)));
    headers.push(`x-ratelimit-reset-${unit}`, `${least.windowSeconds}s`);
  }
  return headers;
}
