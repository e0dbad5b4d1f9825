import type { ModelPrice, StatePriceOverride, StateQuota } from '#lib/contracts';
import { modelRecord } from './curation.js';
import type { GateState, PolicyGate, Refusal } from './gate-types.js';
import type { Catalogue, ModelRecord } from './types.js';

/** What a call of this model is charged at: the organization's own price, else the catalogue's; null: neither knows one. */
export function effectivePrice(
  overrides: readonly StatePriceOverride[],
  { provider, id, price }: Pick<ModelRecord, 'provider' | 'id' | 'price'>,
): ModelPrice | null {
  const own = overrides.find((override) => override.provider === provider && override.model === id);
  if (!own) return price && { ...price, source: 'catalogue' };
  const { inputMicroUsdPerMTok, outputMicroUsdPerMTok, cachedInputMicroUsdPerMTok, asOf } = own;
  return {
    ...{ inputMicroUsdPerMTok, outputMicroUsdPerMTok, cachedInputMicroUsdPerMTok, asOf },
    source: 'override',
  };
}

/**
 * The policies' gate, closed for models of unknown price where an enforced budget caps what calls may cost: what cannot be priced
 * cannot be held under a cap. A budget of a key closes it for calls with this key only; the next one of the order may serve.
 */
export function pricedOnly(
  policies: PolicyGate,
  { quotas, priceOverrides }: Pick<GateState, 'quotas' | 'priceOverrides'>,
  catalogue: Catalogue,
): PolicyGate {
  const budgets = quotas.filter(isCap);
  if (budgets.length === 0) return policies;
  return {
    ...policies,
    target: (provider, model, aiProviderId) => {
      const forbidden = policies.target(provider, model, aiProviderId);
      if (forbidden || model === null) return forbidden;
      const budget = budgets.find(({ scope }) => scope.type !== 'key' || scope.id === aiProviderId);
      if (!budget) return null;
      const record = modelRecord(catalogue, provider, model);
      return effectivePrice(priceOverrides, record) ? null : unpricedRefusal(record, budget);
    },
  };
}

/** Whether a quota is an enforced budget. */
export function isCap({ metric, mode }: Pick<StateQuota, 'metric' | 'mode'>): boolean {
  return metric === 'cost_micro_usd' && mode === 'enforce';
}

export function unpricedRefusal(
  { provider, id }: Pick<ModelRecord, 'provider' | 'id'>,
  { id: quotaId, name }: Pick<StateQuota, 'id' | 'name'>,
): Refusal {
  const model = id.slice(0, 128);
  return {
    code: 'model_not_available',
    detail: `Model "${model}" of ${provider} has no known price, and the budget "${name}" caps what calls may cost. Pick a model with a price, or an OWNER can set its price under Settings → Plan & Usage → Prices.`,
    extras: { model, provider, quotaId },
  };
}
