import { describe, expect, it } from '@jest/globals';
import type { RateLimits } from '#lib/contracts';
import { gateState } from '#lib/testing';
import { scopesOf } from './rate-scope.js';

const [FIRST, SECOND, OWN] = ['1', '2', '3'].map((end) => `tok_01jd000000000000000000000${end}`) as [
  string,
  string,
  string,
];
const KEY = { aiProviderId: 'aip_01jd0000000000000000000000', name: 'Key' };
const PROVIDER = { slug: 'openai', name: 'OpenAI' };

describe('#44 the windows that a token’s calls count in', () => {
  const windows = (...tokenLine: { id: string; limits: RateLimits }[]) => {
    const state = gateState([]);
    const principal = state.principal && { ...state.principal, id: OWN };
    const token = tokenLine.at(-1)?.limits ?? null;
    const rateLimits = { token, tokenLine, keys: {}, providers: {} };
    return scopesOf({ ...state, principal, rateLimits }, KEY, PROVIDER).map(({ id, bucket, limits }) => [
      id,
      bucket.split('/').at(-1),
      limits,
    ]);
  };

  it('a rolled token goes on in the window of the one before it', () => {
    const limits = { rpm: 5 };
    expect(windows({ id: FIRST, limits }, { id: SECOND, limits }, { id: OWN, limits })).toEqual([
      [OWN, FIRST, limits],
    ]);
  });

  it('one that was made with lower limits counts for both, each in its own window', () => {
    const [large, small] = [{ rpm: 5 }, { rpm: 5, tpm: 9 }];
    expect(
      windows({ id: FIRST, limits: large }, { id: SECOND, limits: large }, { id: OWN, limits: small }),
    ).toEqual([
      [FIRST, FIRST, large],
      [OWN, OWN, small],
    ]);
  });

  it('one without limits counts nowhere', () => {
    expect(windows()).toEqual([]);
  });
});
