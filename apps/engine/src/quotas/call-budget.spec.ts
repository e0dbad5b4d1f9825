import { describe, expect, it } from '@jest/globals';
import { costMicroUsd } from '#lib/catalog';
import type { ModelPrice } from '#lib/contracts';
import { RunRecord } from '../pipeline/run-record.js';
import { CallBudget } from './call-budget.js';

const figures = (input: number, output: number, cached: number | null = null) => ({
  ...{ inputMicroUsdPerMTok: input, outputMicroUsdPerMTok: output, cachedInputMicroUsdPerMTok: cached },
});
const DEAR_ABOVE: ModelPrice = {
  ...figures(2_500_000, 15_000_000),
  tiers: [{ aboveInputTokens: 100_000, ...figures(5_000_000, 22_500_000) }],
  asOf: '2026-11-21',
};

function held(price: ModelPrice, firstBytes: number) {
  const extend = () => Promise.resolve();
  const shape = { quotas: [], hasTools: false, outputTokens: 1_000, extend };
  const {
    inputTokens,
    outputTokens,
    costMicroUsd: cost,
  } = new CallBudget({ ...shape, price, firstBytes }).hold.use;
  return { inputTokens, outputTokens, cost };
}

describe('#53 prices with tiers for long prompts', () => {
  it('a reservation reckons with the dearest figures that a prompt of that length can meet', () => {
    const long = held(DEAR_ABOVE, 200_000);
    expect(long.cost).toBe(Math.round(long.inputTokens * 5 + 22_500));
    const short = held(DEAR_ABOVE, 50_000);
    expect(short.cost).toBe(Math.round(short.inputTokens * 2.5 + 15_000));
    const cheapAbove = { ...DEAR_ABOVE, tiers: [{ aboveInputTokens: 100_000, ...figures(1, 1) }] };
    expect(held(cheapAbove, 200_000).cost).toBe(Math.round(long.inputTokens * 2.5 + 15_000));
    const real = { inputTokens: 90_000, outputTokens: 1_000, cachedInputTokens: 0 };
    expect(held(cheapAbove, 200_000).cost).toBeGreaterThan(costMicroUsd(cheapAbove, real) ?? 0);
  });

  it('each call of a run is charged by its own length, never by that of the run', () => {
    const record = new RunRecord(DEAR_ABOVE);
    for (const inputTokens of [80_000, 80_000, 120_000]) {
      record.startStep(1);
      record.finishStep('stop', { inputTokens, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 });
    }
    expect(record.usage.costMicroUsd).toBe(200_000 + 200_000 + 600_000);
  });
});
