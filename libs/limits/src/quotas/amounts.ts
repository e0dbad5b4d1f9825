import type { QuotaMetric, StateQuota } from '#lib/contracts';

/** What calls used, or may use at most. */
export interface QuotaUse {
  inputTokens: number;
  outputTokens: number;
  /** null: the price is unknown. Nothing is counted against a budget then; an enforced one refuses the call before. */
  costMicroUsd: number | null;
}

export const NO_USE: QuotaUse = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };

/** What of one run's use counts against a quota of this metric. A run is one run, however many calls it makes. */
export function quotaAmount(metric: QuotaMetric, use: QuotaUse): number {
  switch (metric) {
    case 'runs':
      return 1;
    case 'input_tokens':
      return use.inputTokens;
    case 'output_tokens':
      return use.outputTokens;
    case 'total_tokens':
      return use.inputTokens + use.outputTokens;
    case 'cost_micro_usd':
      return use.costMicroUsd ?? 0;
  }
}

export function addUse(a: QuotaUse, b: QuotaUse): QuotaUse {
  const isUnknown = a.costMicroUsd === null || b.costMicroUsd === null;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costMicroUsd: isUnknown ? null : (a.costMicroUsd ?? 0) + (b.costMicroUsd ?? 0),
  };
}

/** The quotas that a call with this key counts against. Whether they cover workspace and caller, the state has decided. */
export function quotasFor(quotas: readonly StateQuota[], aiProviderId: string): StateQuota[] {
  return quotas.filter(({ scope }) => scope.type !== 'key' || scope.id === aiProviderId);
}

/** Whether an enforced quota depends on how long the answer gets: then the answer must have an end that is known before. */
export function capsOutput(quotas: readonly StateQuota[]): boolean {
  return quotas.some(
    ({ metric, mode }) => mode === 'enforce' && metric !== 'runs' && metric !== 'input_tokens',
  );
}
