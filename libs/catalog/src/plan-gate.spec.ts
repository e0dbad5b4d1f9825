import { describe, expect, it } from '@jest/globals';
import { NO_LIMITS, type AuthorisedState } from '#lib/contracts';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { buildCatalogue } from './catalogue.js';
import { evaluate } from './aliases.js';
import type { ModelRequest } from './gate-types.js';
import { listModels } from './model-list.js';

const catalogue = buildCatalogue();
const FIRST = gateAssignment('openai', { name: 'First', priority: 0 });
const SECOND = gateAssignment('openai', {
  name: 'Second',
  priority: 1,
  aiProviderId: 'aip_01jd0000000000000000000002',
});

function state(more: Partial<AuthorisedState>, models: string[] | null = null): AuthorisedState {
  const made = gateState([FIRST, SECOND], more);
  return { ...made, org: { ...made.org!, plan: 'small', planLimits: { ...NO_LIMITS, keys: 1, models } } };
}
const beyond = (aiProviderIds: string[], workspace = false) => ({ beyondPlan: { aiProviderIds, workspace } });
const ask = (of: AuthorisedState, request: ModelRequest) => {
  const verdict = evaluate(of, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
  if (verdict.ok) return `${verdict.choice.assignment.name} ${verdict.choice.model}`;
  return `${verdict.gate} ${verdict.code}`;
};
const MINI = { model: 'gpt-4.1-mini' };
const [F, S] = [FIRST.aiProviderId, SECOND.aiProviderId];
const member = { ...gateState([]).principal!, beyondPlan: true };

describe('the gate of the plan', () => {
  it.each<[string, AuthorisedState, ModelRequest, string]>([
    ['nothing beyond', state({}), MINI, 'First gpt-4.1-mini'],
    ['the first key beyond', state(beyond([F])), MINI, 'Second gpt-4.1-mini'],
    ['the pinned key beyond', state(beyond([F])), { ...MINI, pin: F }, 'plan plan_read_only'],
    ['every key beyond', state(beyond([F, S])), MINI, 'plan plan_read_only'],
    ['the workspace beyond', state(beyond([], true)), MINI, 'plan plan_read_only'],
    ['the member beyond', state({ principal: member }), MINI, 'plan plan_read_only'],
    [
      'a closed gate comes before',
      state({ ...beyond([F, S]), disabledProviders: ['openai'] }),
      MINI,
      'org_gate provider_disabled',
    ],
    ['the model in the plan', state({}, ['openai/*-mini']), MINI, 'First gpt-4.1-mini'],
    [
      'the model not in the plan',
      state({}, ['openai/*-mini']),
      { model: 'gpt-4.1' },
      'plan plan_limit_reached',
    ],
    [
      'an unknown model not in the plan',
      state({}, ['openai/*-mini']),
      { provider: 'openai', model: 'no-such' },
      'plan plan_limit_reached',
    ],
    [
      'an unknown model in the plan',
      state({}, ['openai/*']),
      { provider: 'openai', model: 'no-such' },
      'curated model_not_available',
    ],
    [
      'a default that the plan leaves out',
      state({}, ['openai/none']),
      { provider: 'openai' },
      'plan plan_limit_reached',
    ],
    ['a plan without models', state({}, []), MINI, 'plan plan_limit_reached'],
  ])('%s', (_name, of, request, expected) => {
    expect(ask(of, request)).toBe(expected);
  });

  it('a key whose default the plan leaves out is passed over for one whose default it has', () => {
    const assignments = [
      { ...FIRST, keyDefaultModel: 'gpt-4.1' },
      { ...SECOND, keyDefaultModel: 'gpt-4.1-mini' },
    ];
    const of = { ...state({}, ['openai/*-mini']), assignments };
    expect(ask(of, { provider: 'openai' })).toBe('Second gpt-4.1-mini');
    const verdict = evaluate(of, catalogue, { provider: 'openai' }, FIXTURE_NOW, OPEN_POLICIES);
    expect(verdict.trace.find(({ gate }) => gate === 'plan')?.detail).toBe(
      'Plan "small" allows caller, workspace, key and model. Passed over by its limits: "First".',
    );
  });

  it('`models` lists what a call with that model would get, and refuses the others as a call would', () => {
    const states = [
      state({}),
      state(beyond([F])),
      state(beyond([F, S])),
      state(beyond([], true)),
      state({ principal: member }),
      state({ orgKillSwitch: { by: 'owner', reason: 'leak' } }),
      ...[['openai/*-mini'], ['*/gpt-4.1'], []].map((models) => state(beyond([S]), models)),
    ];
    for (const of of states) {
      const { data, unavailable } = listModels(of, catalogue, FIXTURE_NOW, OPEN_POLICIES);
      for (const { provider, id } of data.filter((model) => model.provider === 'openai'))
        expect(ask(of, { provider, model: id })).toMatch(new RegExp(`^(First|Second) ${id}$`));
      for (const { provider, id, code } of unavailable.filter((model) => model.provider === 'openai'))
        expect(ask(of, { provider, model: id }).split(' ')[1]).toBe(code);
    }
  });
});
