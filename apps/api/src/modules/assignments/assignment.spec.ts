import { describe, expect, it } from '@jest/globals';
import type { AvailableModel, ModelList } from '#lib/contracts';
import { inOrderOfChoice, modelDifference, type Assignment } from './assignment.js';

const assignment = (aiProviderId: string, priority: number, weight: number): Assignment => ({
  ...{ aiProviderId, priority, weight },
  ...{ active: true, defaultModel: null, models: [] },
});
const capabilities = { tools: 'yes', streaming: 'yes', structuredOutput: 'yes', vision: 'no' } as const;
const list = (...refs: string[]): ModelList => ({
  data: refs.map((ref): AvailableModel => {
    const [provider = '', id = ''] = ref.split('/');
    const unknown = { bestFor: null, contextWindow: null, price: null, replacement: null };
    return { id, provider, aiProviderIds: [], name: id, ...unknown, capabilities, lifecycle: 'active' };
  }),
  unavailable: [],
  aliases: [],
});

describe('assignments', () => {
  it('#31 are tried by priority, then weight, then id', () => {
    const mixed = [
      assignment('c', 1, 1),
      assignment('b', 0, 1),
      assignment('a', 0, 1),
      assignment('d', 0, 5),
    ];
    expect(inOrderOfChoice(mixed).map(({ aiProviderId }) => aiProviderId)).toEqual(['d', 'a', 'b', 'c']);
  });

  it('the same model of another provider is another model', () => {
    expect(modelDifference(list('openai/x', 'groq/y'), list('custom/x', 'groq/y'))).toEqual({
      gained: [{ id: 'x', provider: 'custom' }],
      lost: [{ id: 'x', provider: 'openai' }],
    });
  });
});
