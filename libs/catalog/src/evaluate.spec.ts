import { describe, expect, it } from '@jest/globals';
import type { AuthorisedState } from '#lib/contracts';
import { FIXTURE_NOW as now, gateAssignment as key, gateState as state, OPEN_POLICIES } from '#lib/testing';
import { buildCatalogue } from './catalogue.js';
import { evaluate } from './aliases.js';
import { GATES, type Gate, type ModelRequest } from './gate-types.js';

const catalogue = buildCatalogue();
const decide = (given: AuthorisedState, request: ModelRequest = {}) =>
  evaluate(given, catalogue, request, now, OPEN_POLICIES);

function refusal(given: AuthorisedState, request: ModelRequest = {}) {
  const result = decide(given, request);
  if (result.ok) throw new Error(`allowed ${result.choice.model}`);
  return result;
}

function choice(given: AuthorisedState, request: ModelRequest = {}) {
  const result = decide(given, request);
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
  return result.choice;
}

const claude = key('anthropic');
const principal = state([]).principal!;
const yesterday = new Date(now.getTime() - 86_400_000);

describe('each gate refuses with its own code, and says what to do', () => {
  it.each<[string, AuthorisedState, ModelRequest, Gate, string, RegExp]>([
    [
      '#56 kill switch',
      state([claude], { killSwitch: { enabled: true, reason: 'incident 7' } }),
      {},
      'kill_switch',
      'ai_disabled',
      /operator.*incident 7/,
    ],
    ['nobody', state([claude], { principal: null }), {}, 'token', 'unauthenticated', /token/],
    [
      '#51 revoked token',
      state([claude], { principal: { ...principal, revoked: true } }),
      {},
      'token',
      'unauthenticated',
      /OWNER or ADMIN/,
    ],
    [
      'expired token',
      state([claude], { principal: { ...principal, expiresAt: now } }),
      {},
      'token',
      'unauthenticated',
      /expired/,
    ],
    [
      '#6 a token’s wall',
      state([claude], { principal: { ...principal, tokenWorkspaceId: 'ws_other' } }),
      {},
      'token',
      'not_found',
      /nothing here/,
    ],
    ['no such workspace', state([claude], { workspace: null }), {}, 'token', 'not_found', /nothing here/],
    [
      'owner left',
      state([claude], { principal: { ...principal, memberStatus: null, role: null } }),
      {},
      'token',
      'forbidden',
      /Members/,
    ],
    [
      'pending member',
      state([claude], { principal: { ...principal, memberStatus: 'pending' } }),
      {},
      'token',
      'forbidden',
      /approve/,
    ],
    [
      '#3 demoted, no grant',
      state([claude], { principal: { ...principal, role: 'MEMBER' } }),
      {},
      'token',
      'forbidden',
      /may execute/,
    ],
    [
      '#8 unknown provider',
      state([claude]),
      { provider: 'acme' },
      'provider',
      'validation_failed',
      /openai.*custom/,
    ],
    [
      'unknown model',
      state([claude]),
      { model: 'claude-99' },
      'provider',
      'model_not_available',
      /claude-99/,
    ],
    [
      '#10 org gate',
      state([claude], { disabledProviders: ['anthropic'] }),
      { provider: 'anthropic' },
      'org_gate',
      'provider_disabled',
      /OWNER/,
    ],
    [
      '#10 org gate by model',
      state([claude], { disabledProviders: ['anthropic'] }),
      { model: 'claude-sonnet-4-6' },
      'org_gate',
      'provider_disabled',
      /Anthropic/,
    ],
    [
      '#10 org gate without keys',
      state([], { disabledProviders: ['openai'] }),
      { model: 'gpt-4.1' },
      'org_gate',
      'provider_disabled',
      /OpenAI/,
    ],
    [
      '#26 nothing assigned',
      state([]),
      {},
      'key',
      'no_provider_key',
      /Production.*OWNER can assign one of .*, or add one/,
    ],
    [
      '#30 known model, no key',
      state([claude]),
      { model: 'gpt-4.1' },
      'key',
      'no_provider_key',
      /Production.*OpenAI/,
    ],
    [
      '#21 disabled key',
      state([key('anthropic', { enabled: false })]),
      {},
      'key',
      'no_provider_key',
      /"anthropic key".*disabled.*OWNER/,
    ],
    [
      'expired key',
      state([key('anthropic', { expiresAt: yesterday })]),
      {},
      'key',
      'no_provider_key',
      /expired on 2026-11-20/,
    ],
    [
      '#28 switched off here',
      state([key('anthropic', { active: false })]),
      {},
      'key',
      'no_provider_key',
      /switched off for this workspace/,
    ],
    [
      '#20 no secret',
      state([key('anthropic', { secretId: null })]),
      {},
      'key',
      'no_provider_key',
      /no secret/,
    ],
    [
      'foreign pin',
      state([claude]),
      { pin: 'aip_01jd0000000000000000000zzz' },
      'key',
      'no_provider_key',
      /not assigned/,
    ],
    [
      '#13 curated out',
      state([key('anthropic', { keyModels: ['claude-haiku-4-5'] })]),
      { model: 'claude-opus-4-7' },
      'curated',
      'model_not_available',
      /curated/,
    ],
    [
      '#13 curated out by the assignment',
      state([key('anthropic', { assignmentModels: ['claude-haiku-4-5'] })]),
      { model: 'claude-opus-4-7' },
      'curated',
      'model_not_available',
      /curated/,
    ],
    [
      'disjoint lists',
      state([key('anthropic', { keyModels: ['claude-haiku-4-5'], assignmentModels: ['claude-opus-4-7'] })]),
      {},
      'curated',
      'model_not_available',
      /no model in common/,
    ],
    [
      'nothing names a model',
      state([key('custom', { baseUrl: 'https://x.test/v1' })]),
      {},
      'curated',
      'model_not_available',
      /Name a model/,
    ],
    [
      '#11 no tools',
      state([key('openai')]),
      { model: 'text-embedding-3-small', needsTools: true },
      'capability',
      'model_lacks_tools',
      /gpt-/,
    ],
    [
      '#11 whole list without tools',
      state([key('openai', { keyModels: ['text-embedding-3-small'] })]),
      { needsTools: true },
      'capability',
      'model_lacks_tools',
      /None of the curated/,
    ],
  ])('%s', (_name, given, request, gate, code, detail) => {
    const result = refusal(given, request);
    expect([result.gate, result.code]).toEqual([gate, code]);
    expect(result.detail).toMatch(detail);
    expect(result.trace.at(-1)).toEqual({ gate, ok: false, detail: result.detail });
  });

  it('asks the gates in the order of the design, and traces each one', () => {
    const allowed = decide(state([claude]));
    expect(allowed.trace.map((entry) => entry.gate)).toEqual([...GATES]);
    // Everything is wrong at once: the first gate speaks.
    const worst = state([key('anthropic', { enabled: false })], {
      killSwitch: { enabled: true, reason: '' },
      principal: null,
      disabledProviders: ['anthropic'],
    });
    expect(refusal(worst).gate).toBe('kill_switch');
    expect(refusal({ ...worst, killSwitch: null }).gate).toBe('token');
    expect(refusal({ ...worst, killSwitch: null, principal }, { provider: 'anthropic' }).gate).toBe(
      'org_gate',
    );
  });
});

describe('API.md: no_provider_key names provider and workspace', () => {
  it.each<[string, object]>([
    ['a model', { model: 'claude-opus-4-7' }],
    ['a provider', { provider: 'anthropic' }],
    [
      'the key and the provider of a run that is under way',
      { pin: claude.aiProviderId, provider: 'anthropic' },
    ],
  ])('asked for by %s', (_name, request) => {
    const { code, extras } = refusal(state([]), request);
    expect(code).toBe('no_provider_key');
    expect(extras).toEqual({ provider: 'anthropic', workspaceId: state([]).workspace!.id });
  });
});

describe('#14 an explicit model bypasses no gate', () => {
  it.each<[string, AuthorisedState, string]>([
    ['org gate', state([claude], { disabledProviders: ['anthropic'] }), 'provider_disabled'],
    ['assignment', state([]), 'no_provider_key'],
    ['disabled key', state([key('anthropic', { enabled: false })]), 'no_provider_key'],
    ['curated list', state([key('anthropic', { keyModels: ['claude-haiku-4-5'] })]), 'model_not_available'],
  ])('%s', (_name, given, code) => {
    expect(refusal(given, { model: 'claude-opus-4-7' }).code).toBe(code);
    expect(refusal(given, { model: 'claude-opus-4-7', provider: 'anthropic' }).code).toBe(code);
    expect(refusal(given, { model: '@anthropic/claude-opus-4-7' }).code).toBe(code);
  });
});

describe('provider choice', () => {
  it('#13 a model alone goes to the provider of an assigned key that serves it', () => {
    expect(choice(state([key('openai'), claude]), { model: 'claude-haiku-4-5' }).provider.slug).toBe(
      'anthropic',
    );
  });

  it('#13 with nothing given: the workspace’s default provider, else the assignment that comes first', () => {
    const both = [key('openai', { priority: 1 }), key('anthropic', { priority: 2 })];
    const workspace = { ...state([]).workspace!, defaultProvider: 'anthropic' };
    expect(choice(state(both)).provider.slug).toBe('openai');
    expect(choice(state(both, { workspace })).provider.slug).toBe('anthropic');
    expect(choice(state(both, { workspace }), { provider: 'openai' }).provider.slug).toBe('openai');
  });

  it('#30 there is no fallback: a default provider without a key is refused, though another key is there', () => {
    const workspace = { ...state([]).workspace!, defaultProvider: 'openai' };
    expect(refusal(state([claude], { workspace })).code).toBe('no_provider_key');
  });

  it('a known model never lands on a server that takes any id, unless its key names it', () => {
    const ollama = key('ollama', { secretId: null });
    expect(refusal(state([ollama]), { model: 'claude-opus-4-7' }).code).toBe('no_provider_key');
    expect(choice(state([ollama]), { model: 'my-own:7b' })).toMatchObject({ model: 'my-own:7b', step: 1 });
    const gateway = key('gateway', { baseUrl: 'https://x.test/v1', keyModels: ['claude-opus-4-7'] });
    expect(choice(state([gateway]), { model: 'claude-opus-4-7' }).provider.slug).toBe('gateway');
  });

  it('pins a provider or a key that is written into the model', () => {
    const second = key('anthropic', { aiProviderId: 'aip_01jd00000000000000000000zz', priority: 9 });
    const both = state([claude, second]);
    expect(choice(both, { model: '@anthropic/claude-haiku-4-5' }).model).toBe('claude-haiku-4-5');
    const pinned = choice(both, { model: `@${second.aiProviderId}/claude-haiku-4-5` });
    expect(pinned.assignment.aiProviderId).toBe(second.aiProviderId);
  });
});

describe('#31 the choice among several keys', () => {
  const a = key('anthropic', { aiProviderId: 'aip_a', priority: 1, weight: 1 });
  const b = key('anthropic', { aiProviderId: 'aip_b', priority: 1, weight: 5 });
  const c = key('anthropic', { aiProviderId: 'aip_c', priority: 0, weight: 1 });

  it('is priority, lower first; then weight, higher first; then id', () => {
    const order = (...keys: (typeof a)[]) => {
      const result = decide(state(keys));
      return result.ok ? result.candidates.map((candidate) => candidate.assignment.aiProviderId) : [];
    };
    expect(order(a, b, c)).toEqual(['aip_c', 'aip_b', 'aip_a']);
    expect(order(c, b, a)).toEqual(['aip_c', 'aip_b', 'aip_a']);
    expect(order(b, { ...b, aiProviderId: 'aip_a' })).toEqual(['aip_a', 'aip_b']);
  });

  it('takes the first key that may serve the model', () => {
    const narrow = { ...c, keyModels: ['claude-haiku-4-5'] };
    expect(choice(state([narrow, a]), { model: 'claude-opus-4-7' }).assignment.aiProviderId).toBe('aip_a');
  });
});

describe('capabilities and defaults', () => {
  it('#11 `depends` and `unknown` are let through, a keyless Ollama is configured', () => {
    const ollama = state([key('ollama', { secretId: null })]);
    expect(choice(ollama, { needsTools: true }).modelInfo.capabilities.tools).toBe('depends');
    expect(choice(ollama, { model: 'my-own:7b', needsTools: true }).modelInfo.capabilities.tools).toBe(
      'unknown',
    );
  });

  it('#13 the assignment’s default wins over the key’s, and neither over a list that leaves it out', () => {
    const models = { keyDefaultModel: 'claude-opus-4-5', assignmentDefaultModel: 'claude-haiku-4-5' };
    expect(choice(state([key('anthropic', models)])).model).toBe('claude-haiku-4-5');
    const narrowed = { ...models, assignmentModels: ['claude-opus-4-6'], assignmentDefaultModel: null };
    expect(choice(state([key('anthropic', narrowed)]))).toMatchObject({ model: 'claude-opus-4-6', step: 4 });
  });

  it('#13 surfaces pick the provider’s model for them', () => {
    expect(choice(state([claude]), { surface: 'agent_complex' })).toMatchObject({
      model: 'claude-opus-4-7',
      step: 5,
    });
    expect(choice(state([claude]), { surface: 'my own surface' })).toMatchObject({
      model: 'claude-sonnet-4-6',
      step: 6,
    });
    const curated = key('anthropic', { keyModels: ['claude-sonnet-4-5', 'claude-haiku-4-5'] });
    expect(choice(state([curated]), { surface: 'cmd_k' })).toMatchObject({
      model: 'claude-haiku-4-5',
      step: 3,
    });
    expect(choice(state([curated]), { surface: 'agent_complex' })).toMatchObject({
      model: 'claude-sonnet-4-5',
      step: 4,
    });
  });

  it('a model that an owner curated is served though the catalogue does not know it', () => {
    const openrouter = key('openrouter', { keyModels: ['mistralai/mixtral-8x22b'] });
    expect(choice(state([openrouter]), { model: 'mistralai/mixtral-8x22b' }).modelInfo.price).toBeNull();
  });
});
