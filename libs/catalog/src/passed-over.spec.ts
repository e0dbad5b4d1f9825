import { describe, expect, it } from '@jest/globals';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';
import { passedOver } from './passed-over.js';

const catalogue = buildCatalogue();
const claude = gateAssignment('anthropic', { aiProviderId: 'aip_claude', name: 'claude' });
const second = gateAssignment('anthropic', { aiProviderId: 'aip_second', name: 'second', priority: 1 });
const gpt = gateAssignment('openai', { aiProviderId: 'aip_gpt', name: 'gpt', priority: 2 });
const gateway = gateAssignment('gateway', { aiProviderId: 'aip_gateway', name: 'gateway', priority: 3 });
const told = (request: object, assignments = [claude, second, gpt, gateway], more = {}) => {
  const state = gateState(assignments, more);
  const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
  return passedOver(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES, verdict).map(
    ({ aiProviderId, gate, code, detail }) => [aiProviderId, gate, code, detail] as const,
  );
};

describe('A: why each of the other keys is not asked', () => {
  it('says nothing of the choice and its alternatives', () => {
    expect(told({ provider: 'anthropic' }, [claude, second])).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['the request names another provider', { provider: 'anthropic' }, /names the provider "anthropic"/],
    ['the request names another key', { model: '@aip_claude/claude-opus-4-7' }, /names the key aip_claude/],
    ['another provider’s assignment comes first', {}, /the assignment that comes first \(anthropic\)/],
  ])('%s', (_, request, why) => {
    const of = told({ surface: 'chat', ...request }).find(([id]) => id === 'aip_gpt');
    expect(of).toEqual(['aip_gpt', 'provider', null, expect.stringMatching(why)]);
  });

  it('the key that the request names is told what stops it, not that it is named', () => {
    const off = { ...claude, enabled: false };
    expect(told({ model: '@aip_claude/claude-opus-4-7' }, [off, gpt])).toEqual([
      ['aip_claude', 'key', 'no_provider_key', expect.stringMatching(/"claude" .* is disabled/)],
      ['aip_gpt', 'provider', null, expect.stringMatching(/names the key aip_claude/)],
    ]);
  });

  it('the workspace has another default provider', () => {
    const { workspace } = gateState([]);
    const here = { workspace: { ...workspace!, defaultProvider: 'openai' } };
    expect(told({}, [claude, gpt], here)).toEqual([
      ['aip_claude', 'provider', null, expect.stringMatching(/openai, the default.*OWNER or ADMIN/)],
    ]);
  });

  it('a catalogued model is not for a key whose provider takes any id', () => {
    const of = told({ model: 'claude-opus-4-7' }, [claude, gpt, gateway]).find(
      ([id]) => id === 'aip_gateway',
    );
    expect(of).toEqual([
      'aip_gateway',
      'provider',
      null,
      expect.stringMatching(/keys that name it.*@gateway/),
    ]);
  });

  it('an alias stands for another provider’s model here', () => {
    const aliases = {
      modelAliases: [{ name: 'fast', workspaceId: null, models: ['claude-haiku-4-5', 'gpt-5'] }],
    };
    expect(told({ model: 'fast' }, [claude, gpt], aliases)).toEqual([
      [
        'aip_gpt',
        'provider',
        null,
        expect.stringMatching(/"fast" stands for "claude-haiku-4-5" of anthropic/),
      ],
    ]);
  });

  it.each<[string, Parameters<typeof gateAssignment>[1], object, string, string, RegExp]>([
    ['disabled', { enabled: false }, {}, 'key', 'no_provider_key', /is disabled; an OWNER/],
    ['switched off here', { active: false }, {}, 'key', 'no_provider_key', /switched off for this workspace/],
    ['curated', { keyModels: ['gpt-5'] }, {}, 'curated', 'model_not_available', /curated models.*OWNER/],
    ['gated', {}, { disabledProviders: ['openai'] }, 'org_gate', 'provider_disabled', /An OWNER can/],
    [
      'beyond the plan',
      {},
      { beyondPlan: { aiProviderIds: ['aip_gpt'], workspace: false } },
      'plan',
      'plan_read_only',
      /An OWNER can/,
    ],
  ])(
    'a key that is %s: the gate, the code and the sentence of a call that names it',
    (_, key, more, gate, code, why) => {
      const all = told({ model: 'gpt-4.1' }, [gateAssignment('openai', { ...gpt, ...key }), gateway], more);
      expect(all[0]).toEqual(['aip_gpt', gate, code, expect.stringMatching(why)]);
    },
  );

  it('of a refusal that is about no key nothing is said of keys', () => {
    expect(told({}, [claude], { killSwitch: { enabled: true, reason: '' } })).toEqual([]);
    expect(told({}, [claude], { principal: null })).toEqual([]);
  });
});
