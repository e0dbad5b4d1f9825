import { describe, expect, it } from '@jest/globals';
import { NO_LIMITS, type StateAssignment } from '#lib/contracts';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';
import type { PolicyGate } from './gate-types.js';

const catalogue = buildCatalogue();
const SURFACES =
  'chat explain agent_staged agent_complex cmd_k ghost_node settings_autocomplete lineage docgen intent_classifier our_own'.split(
    ' ',
  );
const QWEN = 'qwen/qwen3-coder-30b-a3b-instruct';
const on = (surfaces: string, model: string) =>
  Object.fromEntries(surfaces.split(' ').map((surface) => [surface, model]));

/** By hand, from the design's catalogue: the default model, and the surfaces that differ. null: every key names its own. */
const PROVIDERS: Record<string, [defaultModel: string | null, surfaces: Record<string, string>]> = {
  anthropic: [
    'claude-sonnet-4-6',
    {
      ...on('cmd_k ghost_node settings_autocomplete intent_classifier agent_staged', 'claude-haiku-4-5'),
      agent_complex: 'claude-opus-4-7',
    },
  ],
  openai: ['gpt-4.1-mini', on('explain agent_complex docgen lineage', 'gpt-4.1')],
  google: ['gemini-2.5-flash', { agent_complex: 'gemini-2.5-pro' }],
  groq: [QWEN, {}],
  openrouter: [QWEN, { agent_staged: 'meta-llama/llama-3.3-70b-instruct' }],
  mistral: ['mistral-large-latest', {}],
  deepseek: ['deepseek-chat', {}],
  ollama: ['llama3.1:8b', { agent_complex: 'llama3.1:70b' }],
  vertex: ['gemini-2.5-flash', {}],
  azure: [null, {}],
  bedrock: [null, {}],
  gateway: [null, {}],
  custom: [null, {}],
};
const CASES = Object.entries(PROVIDERS).flatMap(([slug, [byDefault, surfaces]]) =>
  SURFACES.map((surface) => [slug, surface, byDefault, surfaces[surface]] as const),
);

const ask = (slug: string, request: object, lists: Partial<StateAssignment> = {}) => {
  const state = gateState([gateAssignment(slug, lists)]);
  const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
  return verdict.ok ? [verdict.choice.step, verdict.choice.model] : verdict.code;
};

describe('#13 the six steps, for every provider and every surface', () => {
  it('the table names every provider of the catalogue but xai, whose default is of the grok family', () => {
    const slugs = catalogue.providers.map(({ slug }) => slug);
    expect([...Object.keys(PROVIDERS), 'xai'].sort()).toEqual(slugs.sort());
    expect(catalogue.provider('xai')?.defaultModel).toMatch(/^grok/);
    expect(CASES).toHaveLength(13 * 11);
  });

  it.each(CASES)('%s on %s', (slug, surface, byDefault, bySurface) => {
    const own = { keyDefaultModel: 'own-default' };
    const curated = { keyModels: ['listed-1', 'listed-2', ...(bySurface ? [bySurface] : [])] };
    const named = { surface, model: 'own-default', provider: slug };
    expect(ask(slug, named, { ...own, keyModels: [...curated.keyModels] })).toEqual([1, 'own-default']);
    expect(ask(slug, { surface }, { ...own, ...curated })).toEqual([2, 'own-default']);
    expect(ask(slug, { surface }, curated)).toEqual(bySurface ? [3, bySurface] : [4, 'listed-1']);
    expect(ask(slug, { surface }, { keyModels: ['listed-2', 'listed-1'] })).toEqual([4, 'listed-2']);
    const bare = ask(slug, { surface });
    if (bySurface) expect(bare).toEqual([5, bySurface]);
    else expect(bare).toEqual(byDefault === null ? 'model_not_available' : [6, byDefault]);
    expect(ask(slug, {})).toEqual(byDefault === null ? 'model_not_available' : [6, byDefault]);
  });
});

const MODEL = 'gpt-4.1';
const KEY = gateAssignment('openai', { aiProviderId: 'aip_gpt' });
const forbid: PolicyGate = {
  ...OPEN_POLICIES,
  target: (_, model) => (model === MODEL ? { code: 'policy_violation', detail: 'no' } : null),
};
type State = Parameters<typeof gateState>[1];
/** Each gate, closed alone. */
const CLOSED: [
  gate: string,
  code: string,
  key: Partial<StateAssignment>,
  more: State,
  policies?: PolicyGate,
][] = [
  ['kill_switch', 'ai_disabled', {}, { killSwitch: { enabled: true, reason: '' } }],
  ['kill_switch', 'ai_disabled', {}, { orgKillSwitch: { by: 'owner', reason: '' } }],
  ['token', 'unauthenticated', {}, { principal: null }],
  ['provider', 'provider_disabled', {}, {}],
  ['org_gate', 'provider_disabled', {}, { disabledProviders: ['openai'] }],
  ['key', 'no_provider_key', { active: false }, {}],
  ['key', 'no_provider_key', { enabled: false }, {}],
  ['key', 'no_provider_key', { expiresAt: new Date(FIXTURE_NOW.getTime() - 1) }, {}],
  ['key', 'no_provider_key', { secretId: null }, {}],
  ['plan', 'plan_read_only', {}, { beyondPlan: { aiProviderIds: ['aip_gpt'], workspace: false } }],
  ['plan', 'plan_read_only', {}, { beyondPlan: { aiProviderIds: [], workspace: true } }],
  [
    'plan',
    'plan_limit_reached',
    {},
    { org: { id: 'org_1', plan: 'small', planLimits: { ...NO_LIMITS, models: ['openai/gpt-5'] } } },
  ],
  ['policy', 'policy_violation', {}, {}, forbid],
  [
    'policy',
    'policy_violation',
    {},
    {},
    { ...OPEN_POLICIES, call: { code: 'policy_violation', detail: 'no' } },
  ],
  ['curated', 'model_not_available', { keyModels: ['gpt-5'] }, {}],
  ['curated', 'model_not_available', { assignmentModels: ['gpt-5'] }, {}],
];
const withoutOpenai = buildCatalogue({
  providers: catalogue.providers.map((record) => ({ slug: record.slug, record })),
  models: catalogue.models.map((record) => ({ provider: record.provider, id: record.id, record })),
  edits: { providers: [{ slug: 'openai', enabled: false }] },
});

describe.each([MODEL, `@openai/${MODEL}`, `@aip_gpt/${MODEL}`, 'best'])('#14 naming %s', (model) => {
  const modelAliases = [{ name: 'best', workspaceId: null, models: [MODEL] }];

  it('is served while every gate is open', () => {
    const verdict = evaluate(
      gateState([KEY], { modelAliases }),
      catalogue,
      { model },
      FIXTURE_NOW,
      OPEN_POLICIES,
    );
    expect(verdict).toMatchObject({ ok: true, choice: { model: MODEL, step: 1 } });
  });

  it.each(CLOSED)(
    'passes no gate by being named: %s (%s)',
    (gate, code, key, more, policies = OPEN_POLICIES) => {
      const state = gateState([{ ...KEY, ...key }], { modelAliases, ...more });
      const tier = gate === 'provider' ? withoutOpenai : catalogue;
      expect(evaluate(state, tier, { model }, FIXTURE_NOW, policies)).toMatchObject({
        ok: false,
        gate,
        code,
      });
    },
  );

  it('passes no capability by being named', () => {
    const embedding = 'text-embedding-3-small';
    const named = model === 'best' ? 'best' : model.replace(MODEL, embedding);
    const aliases = [{ name: 'best', workspaceId: null, models: [embedding] }];
    const request = { model: named, needsTools: true };
    const state = gateState([KEY], { modelAliases: aliases });
    const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
    expect(verdict).toMatchObject({ ok: false, gate: 'capability', code: 'model_lacks_tools' });
  });
});
