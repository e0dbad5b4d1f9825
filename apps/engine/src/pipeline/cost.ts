import { costMicroUsd } from '#lib/catalog';
import type { ModelPrice, RunUsage } from '#lib/contracts';

/** Tokens of a call as vendors count them: cached ones within the input, reasoning within the output. */
export interface TokenUse {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
}

export const NO_TOKENS: TokenUse = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
};

function addTokens(a: TokenUse, b: TokenUse): TokenUse {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** Tokens and their price as the API shows them; the price is unknown, not zero, for a model without one. */
export function usageOf(tokens: TokenUse, price: ModelPrice | null): RunUsage {
  const totalTokens = tokens.inputTokens + tokens.outputTokens;
  return { ...tokens, totalTokens, costMicroUsd: costMicroUsd(price, tokens) };
}

/** The sum of steps. Costs are added, not computed anew: a run costs what its calls cost. */
export function sumUsage(parts: readonly RunUsage[]): RunUsage {
  const tokens = parts.reduce<TokenUse>(addTokens, NO_TOKENS);
  const cost = parts.reduce<number | null>(
    (sum, part) => (sum === null || part.costMicroUsd === null ? null : sum + part.costMicroUsd),
    0,
  );
  return {
    ...tokens,
    totalTokens: tokens.inputTokens + tokens.outputTokens,
    costMicroUsd: parts.length === 0 ? null : cost,
  };
}
