import { describe, expect, it } from '@jest/globals';
import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import type { ModelPrice } from '#lib/contracts';
import { costMicroUsd, worstCostMicroUsd } from './cost.js';
import { catalogueData } from './data/index.js';

/** Where the package names a vendor otherwise. */
const VENDORS: Record<string, string> = { vertex: 'google', xai: 'x-ai' };
/** Noon in Europe: DeepSeek charges less at night. */
const NOON = new Date('2026-11-21T12:00:00Z');
const priced = catalogueData.models.flatMap(({ provider, id, price, contextWindow }) =>
  price ? [{ provider, id, price, contextWindow }] : [],
);
const listPrice = (provider: string, id: string, usage: Parameters<typeof calcPrice>[0]) => {
  const found = calcPrice(usage, id, { providerId: VENDORS[provider] ?? provider, timestamp: NOON });
  if (!found) throw new Error(`The package has no ${provider}/${id}.`);
  return found;
};
const gpt = priced.find(({ id }) => id === 'gpt-5.4')!.price;
const used = (inputTokens: number, outputTokens: number, cachedInputTokens = 0) => ({
  ...{ inputTokens, outputTokens, cachedInputTokens },
});

describe('#53 a long prompt costs what its tier says, all of it', () => {
  it('gpt-5.4 with 300,000 in and 10,000 out is 1.725 dollars; with 100,000 of them cached 1.275', () => {
    expect(costMicroUsd(gpt, used(300_000, 10_000))).toBe(1_725_000);
    expect(costMicroUsd(gpt, used(300_000, 10_000, 100_000))).toBe(1_275_000);
  });

  it('the tier begins above its bound', () => {
    expect(costMicroUsd(gpt, used(271_999, 0))).toBe(679_998);
    expect(costMicroUsd(gpt, used(272_000, 0))).toBe(1_360_000);
  });

  it('of several tiers the highest one that was passed holds, in whatever order they stand', () => {
    const tier = (aboveInputTokens: number, micro: number) => ({
      aboveInputTokens,
      ...{ inputMicroUsdPerMTok: micro, outputMicroUsdPerMTok: 0, cachedInputMicroUsdPerMTok: null },
    });
    const price = { ...gpt, tiers: [tier(2_000_000, 9_000_000), tier(1_000_000, 4_000_000)] };
    expect(costMicroUsd(price, used(2_000_001, 0))).toBe(18_000_009);
    expect(costMicroUsd(price, used(2_000_000, 0))).toBe(8_000_000);
  });

  it('the worst case is never below what any call within it costs, even where a tier or a cache is cheaper', () => {
    const micro = fc.nat(20_000_000);
    const figures = {
      ...{ inputMicroUsdPerMTok: micro, outputMicroUsdPerMTok: micro },
      cachedInputMicroUsdPerMTok: fc.option(micro),
    };
    const tiers = fc.array(fc.record({ aboveInputTokens: fc.nat(400_000), ...figures }), { maxLength: 3 });
    const price: fc.Arbitrary<ModelPrice> = fc.record({ ...figures, asOf: fc.constant('2026-11-21'), tiers });
    const tokens = fc.nat(500_000);
    fc.assert(
      fc.property(price, tokens, tokens, fc.tuple(tokens, tokens, tokens), (given, input, output, less) => {
        const real = used(Math.min(input, less[0]), Math.min(output, less[1]), less[2]);
        const worst = worstCostMicroUsd(given, { inputTokens: input, outputTokens: output });
        expect(worst).toBeGreaterThanOrEqual(costMicroUsd(given, real) ?? 0);
      }),
      { numRuns: 3_000 },
    );
    expect(worstCostMicroUsd(null, { inputTokens: 1, outputTokens: 1 })).toBeNull();
  });
});

describe('#11 the prices of the catalogue are those of the package that they were taken from', () => {
  it.each(priced)('$provider $id', ({ provider, id, price, contextWindow }) => {
    const bounds = (price.tiers ?? []).flatMap(({ aboveInputTokens: at }) => [at, at + 1]);
    // A tier that the catalogue lacks would be passed by one of these, too.
    for (const inputTokens of [1_000, 100_000, 150_000, 250_000, 300_000, 600_000, 1_000_000, ...bounds])
      for (const cached of [0, inputTokens / 2]) {
        const found = listPrice(provider, id, {
          ...{ input_tokens: inputTokens, output_tokens: 10_000, cache_read_tokens: Math.floor(cached) },
        });
        const cost = costMicroUsd(price, used(inputTokens, 10_000, Math.floor(cached)));
        expect(Math.abs((cost ?? 0) - found.total_price * 1_000_000)).toBeLessThanOrEqual(1);
        expect([contextWindow, null]).toContain(contextWindow && (found.model.context_window ?? null));
      }
  });

  it('has models with tiers, without, and without a price', () => {
    expect(priced.filter(({ price }) => price.tiers).map(({ id }) => id)).toEqual([
      ...['gpt-5.4', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'grok-4.6', 'grok-4.3'],
    ]);
    expect(priced.length).toBeLessThan(catalogueData.models.length);
  });
});
