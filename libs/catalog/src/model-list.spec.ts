import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_LIMITS, type StateAssignment } from '#lib/contracts';
import { FIXTURE_NOW as now, gateAssignment as key, gateState as state, OPEN_POLICIES } from '#lib/testing';
import { buildCatalogue } from './catalogue.js';
import { evaluate } from './evaluate.js';
import { listModels } from './model-list.js';

const catalogue = buildCatalogue();
const rows = {
  providers: catalogue.providers.map((record) => ({ slug: record.slug, record })),
  models: catalogue.models.map((record) => ({ provider: record.provider, id: record.id, record })),
};
const ids = (assignments: StateAssignment[], more = {}) =>
  listModels(state(assignments, more), catalogue, now, OPEN_POLICIES).data.map((model) => model.id);

describe('#27 the model list of a workspace', () => {
  it('shows the models of assigned keys and no others', () => {
    const list = listModels(state([key('anthropic')]), catalogue, now, OPEN_POLICIES);
    expect(list.data.map((model) => model.provider)).toEqual(new Array(8).fill('anthropic'));
    expect(list.unavailable.find((model) => model.id === 'gpt-4.1')).toMatchObject({
      provider: 'openai',
      code: 'no_provider_key',
      detail: expect.stringMatching(/Production.*OpenAI/),
    });
  });

  it('#26 an empty list explains itself', () => {
    const list = listModels(state([]), catalogue, now, OPEN_POLICIES);
    expect(list.data).toEqual([]);
    expect(list.unavailable.length).toBeGreaterThan(20);
    expect(new Set(list.unavailable.map((model) => model.code))).toEqual(new Set(['no_provider_key']));
    expect(list.unavailable[0]?.detail).toMatch(/OWNER/);
  });

  it('leaves out what is curated out, disabled, expired, inactive or gated, each with its code', () => {
    const list = listModels(
      state(
        [
          key('anthropic', { keyModels: ['claude-haiku-4-5'] }),
          key('openai', { enabled: false }),
          key('google'),
        ],
        {
          disabledProviders: ['google'],
        },
      ),
      catalogue,
      now,
      OPEN_POLICIES,
    );
    expect(list.data.map((model) => model.id)).toEqual(['claude-haiku-4-5']);
    const codes = new Map(list.unavailable.map((model) => [model.id, model.code]));
    expect(codes.get('claude-opus-4-7')).toBe('model_not_available');
    expect(codes.get('gpt-4.1')).toBe('no_provider_key');
    expect(codes.get('gemini-2.5-pro')).toBe('provider_disabled');
  });

  it('names every key that serves a model, in the order of choice', () => {
    const keys = [key('groq', { aiProviderId: 'aip_b' }), key('groq', { aiProviderId: 'aip_a', weight: 2 })];
    expect(listModels(state(keys), catalogue, now, OPEN_POLICIES).data[0]?.aiProviderIds).toEqual([
      'aip_a',
      'aip_b',
    ]);
  });

  it('lists curated and default models that the catalogue does not know, with unknown capabilities', () => {
    expect(ids([key('custom', { baseUrl: 'https://x.test/v1', keyDefaultModel: 'house-model' })])).toEqual([
      'house-model',
    ]);
    expect(ids([key('openrouter', { keyModels: ['vendor/own'] })])).toEqual(['vendor/own']);
  });

  it('lists what a record names for a surface though the catalogue has no such model', () => {
    const edits = { providers: [{ slug: 'openai', surfaces: { chat: 'gpt-house' } }] };
    const edited = buildCatalogue({ ...rows, edits });
    const list = listModels(state([key('openai')]), edited, now, OPEN_POLICIES);
    expect(list.data.map(({ id }) => id)).toContain('gpt-house');
  });

  it('#41 #46 tells of the plan before a policy, as a call would', () => {
    const org = { id: 'org_1', plan: 'small', planLimits: { ...NO_LIMITS, models: ['openai/gpt-5'] } };
    const refusal = { code: 'policy_violation' as const, detail: 'no' };
    const policies = { call: null, target: () => refusal, passed: '' };
    const { unavailable } = listModels(state([key('openai')], { org }), catalogue, now, policies);
    const codes = unavailable
      .filter(({ provider }) => provider === 'openai')
      .map(({ id, code }) => [id, code]);
    expect(codes).toContainEqual(['gpt-5', 'policy_violation']);
    expect(codes).toContainEqual(['gpt-4.1', 'plan_limit_reached']);
  });

  it('#56 the kill switch empties it', () => {
    const list = listModels(
      state([key('anthropic')], { killSwitch: { enabled: true, reason: '' } }),
      catalogue,
      now,
      OPEN_POLICIES,
    );
    expect(list.data).toEqual([]);
    expect(list.unavailable[0]?.code).toBe('ai_disabled');
  });
});

const models = fc.subarray(['claude-haiku-4-5', 'gpt-4.1', 'gemini-2.5-pro', 'own-model', 'llama3.1:8b']);
const named = fc.option(fc.constantFrom('claude-haiku-4-5', 'gpt-4.1', 'own-model'), { nil: null });
const assignment = fc.record({
  provider: fc.constantFrom('anthropic', 'openai', 'google', 'ollama', 'gateway', 'openrouter'),
  aiProviderId: fc.integer({ min: 0, max: 99 }).map((n) => `aip_${n}`),
  keyModels: models,
  assignmentModels: models,
  keyDefaultModel: named,
  assignmentDefaultModel: named,
  enabled: fc.boolean(),
  active: fc.boolean(),
  priority: fc.integer({ min: 0, max: 3 }),
  secretId: fc.constantFrom('sec_1', null),
});

describe('one resolver', () => {
  it('A: on random states, a model is listed exactly when a call that names it and its provider is allowed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(assignment, { selector: (a) => a.aiProviderId, maxLength: 5 }),
        fc.subarray(['anthropic', 'openai', 'ollama']),
        (assignments, disabledProviders) => {
          const given = state(
            assignments.map(({ provider, ...more }) => key(provider, more)),
            { disabledProviders },
          );
          const list = listModels(given, catalogue, now, OPEN_POLICIES);
          for (const { id, provider, aiProviderIds } of list.data) {
            const result = evaluate(given, catalogue, { model: id, provider }, now, OPEN_POLICIES);
            const chosen = result.ok ? result.choice.assignment.aiProviderId : result.code;
            expect([id, chosen]).toEqual([id, aiProviderIds[0]]);
          }
          for (const { id, provider, code } of list.unavailable) {
            const result = evaluate(given, catalogue, { model: id, provider }, now, OPEN_POLICIES);
            expect([provider, id, result.ok ? 'allowed' : result.code]).toEqual([provider, id, code]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('#16 the deployments of an Azure key name its models', () => {
  const azure = key('azure', {
    aiProviderId: 'aip_azure',
    config: { deployments: { 'gpt-4.1': 'my-gpt', 'house-model': 'house' } },
  });
  const plain = key('openai', { aiProviderId: 'aip_openai', priority: 1 });
  const ask = (assignments: StateAssignment[], model: string) => {
    const verdict = evaluate(state(assignments), catalogue, { model }, now, OPEN_POLICIES);
    return verdict.ok
      ? verdict.candidates.map(({ assignment }) => assignment.aiProviderId).join(' ')
      : verdict.code;
  };

  it('so that a bare id reaches it, as a catalogued one does, and any other still goes elsewhere', () => {
    expect(ask([azure], 'gpt-4.1')).toBe('aip_azure');
    expect(ask([azure], 'house-model')).toBe('aip_azure');
    expect(ask([azure, plain], 'gpt-4.1')).toBe('aip_azure aip_openai');
    expect(ask([azure], 'gpt-5')).toBe('no_provider_key');
  });

  it('and the list has them; curated models narrow it', () => {
    const listed = (one: typeof azure) =>
      listModels(state([one]), catalogue, now, OPEN_POLICIES)
        .data.filter(({ provider }) => provider === 'azure')
        .map(({ id }) => id);
    expect(listed(azure)).toEqual(['gpt-4.1', 'house-model']);
    expect(listed({ ...azure, keyModels: ['gpt-4.1'] })).toEqual(['gpt-4.1']);
  });
});
