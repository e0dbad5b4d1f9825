import { describe, expect, it } from '@jest/globals';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';

const catalogue = buildCatalogue();
const ask = (assignments: ReturnType<typeof gateAssignment>[], request: object) => {
  const verdict = evaluate(gateState(assignments), catalogue, request, FIXTURE_NOW, OPEN_POLICIES);
  return verdict.ok
    ? verdict.candidates.map(({ assignment }) => assignment.aiProviderId).join(' ')
    : `${verdict.code}: ${verdict.detail}`;
};
const curated = gateAssignment('gateway', {
  ...{ aiProviderId: 'aip_curated', name: 'curated', keyModels: ['claude-opus-4-7'] },
});
const anything = gateAssignment('gateway', { aiProviderId: 'aip_anything', name: 'anything', priority: 1 });

describe('#13 a bare model id goes to keys that name it, and to no other key of their provider', () => {
  it('serves it with the one that an owner curated it on', () => {
    expect(ask([curated, anything], { model: 'claude-opus-4-7' })).toBe('aip_curated');
  });

  it.each([
    ['disabled', { enabled: false }],
    ['expired', { expiresAt: new Date('2026-11-20T00:00:00Z') }],
    ['switched off here', { active: false }],
  ])('is not served by another key of a provider that takes any id when that one is %s', (_, fault) => {
    const answer = ask([{ ...curated, ...fault }, anything], { model: 'claude-opus-4-7' });
    expect(answer).toContain('no_provider_key');
    expect(answer).toContain('"curated" (aip_curated)');
  });

  it('reaches the other key when the request names the provider', () => {
    const off = { ...curated, enabled: false };
    expect(ask([off, anything], { model: '@gateway/claude-opus-4-7' })).toBe('aip_anything');
  });

  it('is not served by it when the plan leaves no room for the one that names it', () => {
    const state = gateState([curated, anything], {
      beyondPlan: { aiProviderIds: ['aip_curated'], workspace: false },
    });
    const verdict = evaluate(state, catalogue, { model: 'claude-opus-4-7' }, FIXTURE_NOW, OPEN_POLICIES);
    expect(verdict).toMatchObject({ ok: false, code: 'plan_read_only' });
  });
});
