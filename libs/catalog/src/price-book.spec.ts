import { describe, expect, it } from '@jest/globals';
import type { QuotaScope, StateQuota } from '#lib/contracts';
import { FIXTURE_NOW as now, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { buildCatalogue } from './catalogue.js';
import { evaluate } from './evaluate.js';
import { listModels } from './model-list.js';
import { pricedOnly } from './price-book.js';

const catalogue = buildCatalogue();
const MODEL = 'llama3.1:8b';
const [FIRST, SECOND] = ['aip_01jd0000000000000000000001', 'aip_01jd0000000000000000000002'];
const key = (aiProviderId: string, priority: number) =>
  gateAssignment('ollama', { aiProviderId, name: aiProviderId, priority, baseUrl: 'http://127.0.0.1:11434' });
const budget = (scope: QuotaScope, more: Partial<StateQuota> = {}): StateQuota => ({
  ...{ id: 'quo_01jd0000000000000000000000', name: 'Cap', scope, metric: 'cost_micro_usd' },
  ...{ window: 'month', max: 1_000_000, mode: 'enforce', ...more },
});
const ofKey = (id: string) => budget({ type: 'key', id });

/** What the list says of the model, and what a call for it gets: the keys in their order, or the code and sentence. */
function told(quotas: StateQuota[], keys = [key(FIRST, 0), key(SECOND, 1)]): { list: unknown; run: unknown } {
  const state = gateState(keys, { quotas });
  const policies = pricedOnly(OPEN_POLICIES, state, catalogue);
  const { data, unavailable } = listModels(state, catalogue, now, policies);
  const verdict = evaluate(state, catalogue, { provider: 'ollama', model: MODEL }, now, policies);
  const listed = data.find(({ id }) => id === MODEL);
  const left = unavailable.find(({ id }) => id === MODEL);
  return {
    list: listed ? listed.aiProviderIds : `${left?.code}: ${left?.detail}`,
    run: verdict.ok
      ? verdict.candidates.map(({ assignment }) => assignment.aiProviderId)
      : `${verdict.code}: ${verdict.detail}`,
  };
}

describe('#53 a model without a price under a budget', () => {
  it.each<[string, StateQuota[], string[] | RegExp]>([
    ['no budget', [], [FIRST, SECOND]],
    [
      'a budget of the organization',
      [budget({ type: 'organization' })],
      /^model_not_available: .*no known price/,
    ],
    ['one of the first key: the next one serves', [ofKey(FIRST)], [SECOND]],
    ['one of the second key', [ofKey(SECOND)], [FIRST]],
    [
      'one of each key',
      [ofKey(FIRST), ofKey(SECOND)],
      /^model_not_available: .*no known price.*budget "Cap"/,
    ],
    ['one of another key', [ofKey('aip_01jd0000000000000000000009')], [FIRST, SECOND]],
    ['one that only counts', [{ ...ofKey(FIRST), mode: 'monitor' }], [FIRST, SECOND]],
    ['a quota of tokens', [{ ...ofKey(FIRST), metric: 'total_tokens' }], [FIRST, SECOND]],
  ])('%s: list and call agree', (_name, quotas, expected) => {
    const { list, run } = told(quotas);
    expect(list).toEqual(run);
    if (expected instanceof RegExp) expect(run).toMatch(expected);
    else expect(run).toEqual(expected);
  });

  it('one of the first key, and the second serves another list: both say what the second lacks', () => {
    const other = { ...key(SECOND, 1), keyModels: ['mistral:7b'] };
    const { list, run } = told([ofKey(FIRST)], [key(FIRST, 0), other]);
    expect(list).toEqual(run);
    expect(run).toMatch(/^model_not_available: .*curated models of the key/);
  });

  it('a default without a price is passed over on the key that has the budget, and taken on the other', () => {
    const named = (id: string, at: number) => ({ ...key(id, at), keyDefaultModel: MODEL });
    const state = gateState([named(FIRST, 0), named(SECOND, 1)], { quotas: [ofKey(FIRST)] });
    const policies = pricedOnly(OPEN_POLICIES, state, catalogue);
    const verdict = evaluate(state, catalogue, { provider: 'ollama' }, now, policies);
    expect(
      verdict.ok && verdict.candidates.map(({ assignment, model }) => [assignment.aiProviderId, model]),
    ).toEqual([[SECOND, MODEL]]);
  });
});
