import { describe, expect, it } from '@jest/globals';
import type { StateAssignment } from '#lib/contracts';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';
import type { GateState, ModelRequest } from './gate-types.js';
import { listModels } from './model-list.js';
import { passedOver } from './passed-over.js';

const catalogue = buildCatalogue();
const LLAMA = '@cf/meta/llama-3.1-8b-instruct';
const curated = gateAssignment('custom', { aiProviderId: 'aip_cloudflare', keyModels: [LLAMA] });
const byDefault = gateAssignment('custom', { aiProviderId: 'aip_cloudflare', keyDefaultModel: LLAMA });
const anything = gateAssignment('custom', { aiProviderId: 'aip_cloudflare' });
const gpt = gateAssignment('openai', { aiProviderId: 'aip_gpt', priority: 1 });

function ask(state: GateState, request: ModelRequest, judged: string[] = []): string {
  const target = (_: string, model: string | null) => (model === null || judged.push(model), null);
  const policies = { ...OPEN_POLICIES, target };
  const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, policies);
  return verdict.ok ? `${verdict.choice.assignment.aiProviderId} ${verdict.choice.model}` : verdict.code;
}

describe('#13 a model whose own id begins with an @ is no pin', () => {
  it.each<[string, StateAssignment[], ModelRequest]>([
    ['named by a curated key', [curated, gpt], { model: LLAMA }],
    ['named by a default', [byDefault, gpt], { model: LLAMA }],
    ['as the default', [byDefault], {}],
    ['with its provider beside it', [anything, gpt], { model: LLAMA, provider: 'custom' }],
    ['behind a pin of its provider', [anything, gpt], { model: `@custom/${LLAMA}` }],
    ['behind a pin of its key', [anything, gpt], { model: `@aip_cloudflare/${LLAMA}` }],
  ])('%s', (_name, assignments, request) => {
    const judged: string[] = [];
    expect(ask(gateState(assignments), request, judged)).toBe(`aip_cloudflare ${LLAMA}`);
    expect(new Set(judged)).toEqual(new Set([LLAMA]));
  });

  it.each([curated, byDefault, anything])(
    'what was chosen is chosen again by the fence, to the letter',
    (key) => {
      const again = { pin: key.aiProviderId, provider: 'custom', model: LLAMA };
      expect(ask(gateState([key, gpt]), again)).toBe(`aip_cloudflare ${LLAMA}`);
      const asPin = { ...again, model: '@openai/gpt-4.1' };
      expect(ask(gateState([anything, gpt]), asPin)).toBe('aip_cloudflare @openai/gpt-4.1');
    },
  );

  it('is what an alias of it stands for, what the list lists, and what other keys are passed over for', () => {
    const state = gateState([curated, gpt], {
      modelAliases: [{ name: 'fast', workspaceId: null, models: [LLAMA] }],
    });
    expect(ask(state, { model: 'fast' })).toBe(`aip_cloudflare ${LLAMA}`);
    const list = listModels(state, catalogue, FIXTURE_NOW, OPEN_POLICIES);
    expect(list.data.filter(({ provider }) => provider === 'custom').map(({ id }) => id)).toEqual([LLAMA]);
    const request = { model: LLAMA };
    const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
    const over = passedOver(state, catalogue, request, FIXTURE_NOW, OPEN_POLICIES, verdict);
    expect(over).toMatchObject([
      { aiProviderId: 'aip_gpt', detail: expect.stringContaining(`no model "${LLAMA}"`) },
    ]);
  });

  it('a slug with a typo is refused by name where no key has such an id, and goes to none that takes any', () => {
    for (const [keys, request] of [
      [[gpt], { model: '@opnai/gpt-4.1' }],
      [[gpt, anything], { model: '@opnai/gpt-4.1' }],
      [[gpt, curated], { model: '@opnai/gpt-4.1', provider: 'openai' }],
    ] as const) {
      const verdict = evaluate(gateState([...keys]), catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
      expect(verdict).toMatchObject({ ok: false, code: 'validation_failed' });
      expect(verdict.ok ? '' : verdict.detail).toMatch(
        /no provider "opnai". Use one of: openai, anthropic.*@custom\//,
      );
    }
  });

  it('a provider of that name wins, and so does the id of a key, whoever’s it is', () => {
    const sly = gateAssignment('custom', {
      aiProviderId: 'aip_sly',
      keyModels: ['@openai/gpt-4.1', '@aip_01jd0000000000000000000zzz/gpt-4.1'],
    });
    expect(ask(gateState([sly, gpt]), { model: '@openai/gpt-4.1' })).toBe('aip_gpt gpt-4.1');
    const foreign = { model: '@aip_01jd0000000000000000000zzz/gpt-4.1' };
    expect(ask(gateState([sly, gpt]), foreign)).toBe('no_provider_key');
  });
});

describe('#20 what was sent for a provider is not quoted when it may be a key', () => {
  it.each([
    ...['sk-ant-api03-0123456789', 'sk-0123456789abcdef', 'gsk_0123456789', 'AKIAIOSFODNN7EXAMPLE'],
    ...['clv_ws_0123456789', 'AIzaSy0123456789', 'f'.repeat(33), 'Bearer abc', ' sk-0123'],
  ])('%s', (sent) => {
    for (const request of [{ provider: sent }, { model: `@${sent}/gpt-4.1` }]) {
      const verdict = evaluate(gateState([gpt]), catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
      expect(verdict).toMatchObject({ ok: false, code: 'validation_failed' });
      expect(JSON.stringify(verdict)).not.toContain(sent.trim());
      expect(verdict.ok ? '' : verdict.detail).toContain('Use one of: openai');
    }
  });
});
