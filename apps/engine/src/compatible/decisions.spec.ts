import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from '#lib/catalog';
import { FIXTURE_NOW, gateAssignment, gateState } from '#lib/testing';
import { decide } from '../pipeline/decide.js';
import { Decisions } from './decisions.js';

const catalogue = buildCatalogue();
const assigned = gateState([gateAssignment('openai')]);
const later = (ms: number) => new Date(FIXTURE_NOW.getTime() + ms);

/** Asks, and answers how often it was decided anew. */
function asking() {
  const decisions = new Decisions();
  let decided = 0;
  const ask = (
    more: Partial<{ model: string; now: Date; maxOutputTokens: number; state: typeof assigned }> = {},
  ) => {
    const { model = 'gpt-4.1', now = FIXTURE_NOW, maxOutputTokens = null, state = assigned } = more;
    return decisions.choice(state, { catalogue, model, maxOutputTokens, now }, () => {
      decided += 1;
      return decide(state, catalogue, { model }, { now });
    });
  };
  return { ask, count: () => decided };
}

describe('decisions about equal calls', () => {
  it('stand for a moment: the same choice, decided once', () => {
    const { ask, count } = asking();
    const choice = ask();
    expect(ask({ now: later(99) })).toBe(choice);
    expect(count()).toBe(1);
  });

  it.each([
    ['another model', { model: 'gpt-4.1-mini' }],
    ['another end of the answer', { maxOutputTokens: 5 }],
    ['a newer state', { state: gateState([gateAssignment('openai')]) }],
    ['a tenth of a second later', { now: later(100) }],
    ['a clock that went back', { now: later(-1) }],
  ])('are made anew for %s', (_what, other) => {
    const { ask, count } = asking();
    ask();
    ask(other);
    expect(count()).toBe(2);
  });

  it('are not remembered where they are refusals', () => {
    const { ask, count } = asking();
    const state = gateState([]);
    for (let times = 0; times < 2; times += 1) expect(() => ask({ state })).toThrow(/key/i);
    expect(count()).toBe(2);
  });
});
