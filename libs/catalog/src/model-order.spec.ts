import { describe, expect, it } from '@jest/globals';
import { chooseModel, type ModelOrderInput } from './model-order.js';

const all = {
  requested: 'r',
  keyDefault: 'k',
  curated: ['a', 's', 'b'],
  surfaceModel: 's',
  providerDefault: 'd',
};
const without = (...names: (keyof ModelOrderInput)[]): ModelOrderInput => {
  const input: ModelOrderInput = { ...all };
  for (const name of names) {
    if (name === 'curated') input.curated = [];
    else delete input[name];
  }
  return input;
};

describe('#13 the model order', () => {
  it.each<[string, ModelOrderInput, string, number]>([
    ['1. the request wins over everything', all, 'r', 1],
    ['1. the request wins even when the curated list lacks it', { ...all, requested: 'x' }, 'x', 1],
    ['2. then the key’s default', without('requested'), 'k', 2],
    ['2. the key’s default wins over the curated list', { ...without('requested'), keyDefault: 'x' }, 'x', 2],
    ['3. then the surface’s model, when curated', without('requested', 'keyDefault'), 's', 3],
    [
      '4. then the first curated, when the surface’s model is not',
      { ...without('requested', 'keyDefault'), surfaceModel: 'x' },
      'a',
      4,
    ],
    [
      '4. the first curated, when the surface has no model',
      without('requested', 'keyDefault', 'surfaceModel'),
      'a',
      4,
    ],
    [
      '5. then the surface’s model, when nothing is curated',
      without('requested', 'keyDefault', 'curated'),
      's',
      5,
    ],
    ['6. then the provider’s default', without('requested', 'keyDefault', 'curated', 'surfaceModel'), 'd', 6],
    ['an empty string names nothing', { ...all, requested: '', keyDefault: '' }, 's', 3],
  ])('%s', (_name, input, model, step) => {
    expect(chooseModel(input)).toEqual({ model, step });
  });

  it('4. passes over models that lack the tools that are needed', () => {
    const input = without('requested', 'keyDefault', 'surfaceModel');
    expect(chooseModel({ ...input, passOver: (model) => model === 'a' })).toEqual({ model: 's', step: 4 });
  });

  it('3. a surface’s model without tools gives way to the curated list', () => {
    const input = without('requested', 'keyDefault');
    expect(chooseModel({ ...input, passOver: (model) => model === 's' })).toEqual({ model: 'a', step: 4 });
  });

  it('4. says so when the whole curated list lacks them, instead of going on to steps 5 and 6', () => {
    const input = { ...without('requested', 'keyDefault'), passOver: () => true };
    expect(chooseModel(input)).toEqual({ model: null, reason: 'curated_list_lacks_tools' });
  });

  it('says so when nothing names a model', () => {
    expect(chooseModel({ curated: [] })).toEqual({ model: null, reason: 'nothing_named' });
  });
});
