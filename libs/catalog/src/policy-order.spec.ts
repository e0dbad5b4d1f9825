import { describe, expect, it } from '@jest/globals';
import { FIXTURE_NOW, gateAssignment, gateState } from '#lib/testing';
import { evaluate } from './aliases.js';
import { buildCatalogue } from './catalogue.js';
import type { PolicyGate } from './gate-types.js';

const catalogue = buildCatalogue();
const forbidding = (...models: string[]): PolicyGate => ({
  call: null,
  target: (_, model) =>
    model !== null && models.includes(model) ? { code: 'policy_violation', detail: `no ${model}` } : null,
  passed: '',
});
const ask = (key: Parameters<typeof gateAssignment>[1], request: object, policies: PolicyGate) => {
  const state = gateState([gateAssignment('openai', key)]);
  const verdict = evaluate(state, catalogue, request, FIXTURE_NOW, policies);
  return verdict.ok ? `${verdict.choice.step} ${verdict.choice.model}` : verdict.code;
};

describe('#13 #46 a default that a policy forbids is passed over, like one that is curated out', () => {
  const both = { assignmentDefaultModel: 'gpt-5', keyDefaultModel: 'gpt-4.1' };

  it('goes from the default of the assignment to the default of the key', () => {
    expect(ask(both, {}, forbidding())).toBe('2 gpt-5');
    expect(ask(both, {}, forbidding('gpt-5'))).toBe('2 gpt-4.1');
    expect(ask(both, {}, forbidding('gpt-5', 'gpt-4.1'))).toBe('6 gpt-4.1-mini');
  });

  it('is not told of a policy over a model that the order would not have come to', () => {
    const toolless = { keyModels: ['text-embedding-3-small'] };
    const needs = { needsTools: true };
    expect(ask(toolless, needs, forbidding('gpt-4.1-mini'))).toBe('model_lacks_tools');
    expect(ask(toolless, { ...needs, surface: 'explain' }, forbidding('gpt-4.1'))).toBe('model_lacks_tools');
    const nothing = { keyModels: ['gpt-5'], assignmentModels: ['gpt-5-mini'] };
    expect(ask(nothing, { surface: 'explain' }, forbidding('gpt-4.1'))).toBe('model_not_available');
  });

  it('goes to no model outside of the lists when the one that they leave is forbidden', () => {
    const only = { keyModels: ['gpt-5'], assignmentModels: ['gpt-5-mini'], assignmentDefaultModel: 'gpt-5' };
    expect(ask(only, {}, forbidding())).toBe('2 gpt-5');
    expect(ask(only, { surface: 'explain' }, forbidding('gpt-5'))).toBe('policy_violation');
  });
});
