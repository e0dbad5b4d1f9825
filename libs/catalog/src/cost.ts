import type { ModelPrice, PriceFigures } from '#lib/contracts';

export interface TokenCounts {
  /** All input tokens, cached ones included. */
  inputTokens: number;
  /** All output tokens, reasoning included. */
  outputTokens: number;
  cachedInputTokens: number;
}

const MTOK = 1_000_000n;

/**
 * What one call cost, in integer micro-USD, rounded half up once over the whole; null when the price is unknown. A tier that its
 * input passes holds for all of its tokens. Integers throughout: sums of floats drift.
 */
export function costMicroUsd(price: ModelPrice | null, tokens: TokenCounts): number | null {
  return price && costAt(figuresFor(price, tokens.inputTokens), tokens);
}

/**
 * The most that a call of at most so many tokens can cost, in integer micro-USD; null when the price is unknown. A cache that costs more
 * than plain input, or a long prompt that costs less than a short one, must not make a call dearer than what was reserved for it.
 */
export function worstCostMicroUsd(
  price: ModelPrice | null,
  { inputTokens, outputTokens }: Pick<TokenCounts, 'inputTokens' | 'outputTokens'>,
): number | null {
  if (!price) return null;
  const passed = (price.tiers ?? []).filter((tier) => tier.aboveInputTokens < inputTokens);
  const costs = [price, ...passed].flatMap((figures) =>
    [0, inputTokens].map((cachedInputTokens) =>
      costAt(figures, { inputTokens, outputTokens, cachedInputTokens }),
    ),
  );
  return Math.max(...costs);
}

function figuresFor(price: ModelPrice, inputTokens: number): PriceFigures {
  const passed = (price.tiers ?? []).filter((tier) => tier.aboveInputTokens < inputTokens);
  return passed.reduce<PriceFigures & { aboveInputTokens: number }>(
    (highest, tier) => (tier.aboveInputTokens >= highest.aboveInputTokens ? tier : highest),
    { ...price, aboveInputTokens: 0 },
  );
}

function costAt(figures: PriceFigures, tokens: TokenCounts): number {
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const cachedPrice = figures.cachedInputMicroUsdPerMTok ?? figures.inputMicroUsdPerMTok;
  const total =
    BigInt(tokens.inputTokens - cached) * BigInt(figures.inputMicroUsdPerMTok) +
    BigInt(cached) * BigInt(cachedPrice) +
    BigInt(tokens.outputTokens) * BigInt(figures.outputMicroUsdPerMTok);
  return Number((total + MTOK / 2n) / MTOK);
}
