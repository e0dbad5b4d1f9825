import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { evaluate, listAliases } from './aliases.js';
import { buildCatalogue } from './catalogue.js';

const catalogue = buildCatalogue();
const claude = gateAssignment('anthropic', { aiProviderId: 'aip_claude' });
const gpt = gateAssignment('openai', { aiProviderId: 'aip_gpt' });
const ollama = gateAssignment('ollama', { aiProviderId: 'aip_ollama' });
const alias = (name: string, models: string[], workspaceId: string | null = null) => ({
  ...{ name, models, workspaceId },
});
const ask = (state: Parameters<typeof evaluate>[0], request: Parameters<typeof evaluate>[2]) => {
  const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
  return verdict.ok ? `${verdict.choice.assignment.aiProviderId} ${verdict.choice.model}` : verdict.code;
};

const fast = alias('fast', ['claude-haiku-4-5', 'gpt-4.1-mini']);

describe('#13 an alias stands for the first model of its list that passes every gate', () => {
  it.each<[string, Parameters<typeof evaluate>[0], object, string]>([
    [
      'the first',
      gateState([claude, gpt], { modelAliases: [fast] }),
      { model: 'fast' },
      'aip_claude claude-haiku-4-5',
    ],
    [
      'without a key for it, the next',
      gateState([gpt], { modelAliases: [fast] }),
      { model: 'fast' },
      'aip_gpt gpt-4.1-mini',
    ],
    [
      'within the provider that was named',
      gateState([claude, gpt], { modelAliases: [fast] }),
      { model: '@openai/fast' },
      'aip_gpt gpt-4.1-mini',
    ],
    [
      'within the key that was named',
      gateState([claude, gpt], { modelAliases: [fast] }),
      { model: '@aip_gpt/fast' },
      'aip_gpt gpt-4.1-mini',
    ],
    [
      'a pin of the list',
      gateState([claude, gpt], { modelAliases: [alias('fast', ['@openai/gpt-5'])] }),
      { model: 'fast' },
      'aip_gpt gpt-5',
    ],
    [
      'no pin that leaves the provider named',
      gateState([claude, gpt], { modelAliases: [alias('fast', ['@openai/gpt-5'])] }),
      { model: 'fast', provider: 'anthropic' },
      'model_not_available',
    ],
    [
      'a key of the list',
      gateState([claude, gpt], { modelAliases: [alias('fast', ['@aip_gpt/gpt-5'])] }),
      { model: 'fast' },
      'aip_gpt gpt-5',
    ],
    [
      'no key that leaves the provider named',
      gateState([claude, gpt], { modelAliases: [alias('fast', ['@aip_gpt/gpt-5'])] }),
      { model: 'fast', provider: 'anthropic' },
      'model_not_available',
    ],
    [
      'no key that leaves the key named',
      gateState([claude, gpt], { modelAliases: [alias('fast', ['@aip_gpt/gpt-5'])] }),
      { model: '@aip_claude/fast' },
      'model_not_available',
    ],
    [
      'the workspace’s own first',
      gateState([claude, gpt], { modelAliases: [fast, alias('fast', ['gpt-5'], 'ws_1')] }),
      { model: 'fast' },
      'aip_gpt gpt-5',
    ],
    [
      'never in place of a real model',
      gateState([gpt], { modelAliases: [alias('gpt-5', ['gpt-4.1'])] }),
      { model: 'gpt-5' },
      'aip_gpt gpt-5',
    ],
    [
      'never in place of a curated one',
      gateState([gateAssignment('openai', { keyModels: ['fast'], aiProviderId: 'aip_gpt' })], {
        modelAliases: [fast],
      }),
      { model: 'fast' },
      'aip_gpt fast',
    ],
    [
      'before an id that nobody knows',
      gateState([gpt, ollama], { modelAliases: [fast] }),
      { model: 'fast' },
      'aip_gpt gpt-4.1-mini',
    ],
    [
      'passing over what lacks tools',
      gateState([gpt], { modelAliases: [alias('fast', ['text-embedding-3-small', 'gpt-5'])] }),
      { model: 'fast', needsTools: true },
      'aip_gpt gpt-5',
    ],
    [
      'refused like its models: no key',
      gateState([], { modelAliases: [fast] }),
      { model: 'fast' },
      'no_provider_key',
    ],
    [
      'refused like its models: gate',
      gateState([claude], {
        modelAliases: [alias('fast', ['claude-haiku-4-5'])],
        disabledProviders: ['anthropic'],
      }),
      { model: 'fast' },
      'provider_disabled',
    ],
    [
      'refused like its models: tools',
      gateState([gpt], { modelAliases: [alias('fast', ['text-embedding-3-small'])] }),
      { model: 'fast', needsTools: true },
      'model_lacks_tools',
    ],
    [
      'a provider that is gone is a model that is not there',
      gateState([gpt], { modelAliases: [alias('fast', ['@gone/x'])] }),
      { model: 'fast' },
      'model_not_available',
    ],
  ])('%s', (_name, state, request, expected) => {
    expect(ask(state, request)).toBe(expected);
  });

  it('says what it stands for, in the refusal and in the trace; a switched-off platform speaks for itself', () => {
    const state = gateState([], { modelAliases: [fast] });
    const refused = evaluate(state, catalogue, { model: 'fast' }, FIXTURE_NOW, OPEN_POLICIES);
    expect(refused).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/Alias "fast" stands for claude-haiku-4-5, gpt-4.1-mini.*has no usable/),
      extras: { alias: 'fast', models: fast.models },
    });
    const killed = { ...state, killSwitch: { enabled: true, reason: '' } };
    expect(evaluate(killed, catalogue, { model: 'fast' }, FIXTURE_NOW, OPEN_POLICIES)).toMatchObject({
      ...{ code: 'ai_disabled', detail: expect.not.stringContaining('Alias') },
    });
  });

  it('opens nothing: over random states an alias is accepted exactly when one of its models is, and with that choice', () => {
    const models = [
      'claude-haiku-4-5',
      'gpt-4.1',
      'gpt-5',
      'text-embedding-3-small',
      'llama3.1:8b',
      'unheard-of',
      '@openai/gpt-5',
    ];
    const assignment = fc
      .record({
        slug: fc.constantFrom('anthropic', 'openai', 'ollama'),
        enabled: fc.boolean(),
        active: fc.boolean(),
        keyModels: fc.subarray(models.slice(0, 4)),
        priority: fc.nat(2),
      })
      .map(({ slug, ...rest }) =>
        gateAssignment(slug, { ...rest, aiProviderId: `aip_${slug}_${rest.priority}` }),
      );
    const input = fc.record({
      assignments: fc.array(assignment, { maxLength: 4 }),
      listed: fc.subarray(models, { minLength: 1 }),
      disabledProviders: fc.subarray(['anthropic', 'openai']),
      needsTools: fc.boolean(),
      off: fc.subarray(['anthropic', 'ollama']),
    });
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(input, ({ assignments, listed, disabledProviders, needsTools, off }) => {
        const state = gateState(assignments, { disabledProviders, modelAliases: [alias('quick', listed)] });
        const plain = { ...state, modelAliases: [] };
        const edits = { providers: off.map((slug) => ({ slug, enabled: false })) };
        const now = buildCatalogue({ ...catalogueRows(), edits });
        const expected = listed
          .map((model) => evaluate(plain, now, { model, needsTools }, FIXTURE_NOW, OPEN_POLICIES))
          .find((verdict) => verdict.ok);
        const verdict = evaluate(state, now, { model: 'quick', needsTools }, FIXTURE_NOW, OPEN_POLICIES);
        expect(verdict.ok && verdict.choice).toEqual(expected ? expected.ok && expected.choice : false);
        const [listing] = listAliases(state, now, FIXTURE_NOW, OPEN_POLICIES);
        if (!needsTools) expect(listing?.code ?? null).toBe(verdict.ok ? null : verdict.code);
        if (verdict.ok) accepted += 1;
        else refused += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });
});

function catalogueRows() {
  const { providers, models } = catalogue;
  return {
    providers: providers.map((record) => ({ slug: record.slug, record })),
    models: models.map((record) => ({ provider: record.provider, id: record.id, record })),
  };
}

describe('#13 an alias that names no model for a call hides no earlier gate', () => {
  const pinned = { modelAliases: [alias('fast', ['@openai/gpt-5'])] };
  const elsewhere = { model: 'fast', provider: 'anthropic' };

  it('answers as the kill switch does, and as the token does', () => {
    expect(ask(gateState([claude], pinned), elsewhere)).toBe('model_not_available');
    const killed = { ...pinned, killSwitch: { enabled: true, reason: '' } };
    expect(ask(gateState([claude], killed), elsewhere)).toBe('ai_disabled');
    expect(ask(gateState([claude], { ...pinned, principal: null }), elsewhere)).toBe('unauthenticated');
  });

  it('names the valid providers when the one that the request names is none', () => {
    const state = gateState([claude], { modelAliases: [fast] });
    const verdict = evaluate(state, catalogue, { model: '@antropic/fast' }, FIXTURE_NOW, OPEN_POLICIES);
    expect(verdict).toMatchObject({ ok: false, code: 'validation_failed' });
    expect(verdict.ok ? '' : verdict.detail).toContain('Use one of: openai, anthropic');
  });

  it('leaves neither the key nor the provider that is named for a key that it pins', () => {
    const other = gateAssignment('anthropic', { aiProviderId: 'aip_other', priority: 2 });
    const state = gateState([claude, gpt, other], {
      modelAliases: [alias('smart', ['@aip_other/claude-opus-4-7'])],
    });
    expect(ask(state, { model: 'smart' })).toBe('aip_other claude-opus-4-7');
    expect(ask(state, { model: '@aip_other/smart' })).toBe('aip_other claude-opus-4-7');
    expect(ask(state, { model: '@anthropic/smart' })).toBe('aip_other claude-opus-4-7');
    expect(ask(state, { model: '@aip_claude/smart' })).toBe('model_not_available');
    expect(ask(state, { model: '@aip_gpt/smart' })).toBe('model_not_available');
    expect(ask(state, { model: 'smart', provider: 'openai' })).toBe('model_not_available');
  });

  it('does not leave the provider of a key that is named', () => {
    const shared = gateAssignment('openrouter', { aiProviderId: 'aip_router', keyModels: ['gpt-5'] });
    expect(ask(gateState([shared, gpt], pinned), { model: '@aip_router/fast' })).toBe('model_not_available');
    expect(ask(gateState([shared, gpt], pinned), { model: '@aip_gpt/fast' })).toBe('aip_gpt gpt-5');
  });
});
