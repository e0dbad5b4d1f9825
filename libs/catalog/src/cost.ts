import type { ModelPrice } from '#lib/contracts';

export interface TokenCounts {
  /** All input tokens, cached ones included. */
  inputTokens: number;
  /** All output tokens, reasoning included. */
  outputTokens: number;
  cachedInputTokens: number;
}

const MTOK = 1_000_000n;

/**
 * What a call cost at list price, in integer micro-USD, rounded half up once over the whole; null when the price is unknown.
 * Integers throughout: sums of floats drift.
 */
export function costMicroUsd(price: ModelPrice | null, tokens: TokenCounts): number | null {
  if (!price) return null;
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const cachedPrice = price.cachedInputMicroUsdPerMTok ?? price.inputMicroUsdPerMTok;
  const total =
    BigInt(tokens.inputTokens - cached) * BigInt(price.inputMicroUsdPerMTok) +
    BigInt(cached) * BigInt(cachedPrice) +
    BigInt(tokens.outputTokens) * BigInt(price.outputMicroUsdPerMTok);
  return Number((total + MTOK / 2n) / MTOK);
}
