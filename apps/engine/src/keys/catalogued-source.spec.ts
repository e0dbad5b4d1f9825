import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '#lib/kernel';
import { gateState } from '#lib/testing';
import { KEY } from '../../test/support/source-of-states.js';
import { CataloguedSource } from './catalogued-source.js';
import { StateCache } from './state-cache.js';

describe('#10 the platform tier is as fresh as the state that it goes with', () => {
  const source = { read: async () => [{ ...gateState([]), catalogueVersion: 7, stampMs: 0 }] };

  it('a state is handed out when the catalogue of its version is at hand, and not before', async () => {
    const steps: string[] = [];
    const catalogues = {
      reach: async (version: number) => {
        await Promise.resolve();
        steps.push(`catalogue ${version}`);
      },
    };
    const [state] = await new CataloguedSource(source, catalogues).read([KEY]);
    steps.push(`state ${state?.catalogueVersion}`);
    expect(steps).toEqual(['catalogue 7', 'state 7']);
  });

  it('one that cannot be read refuses: nothing is authorised by an old catalogue', async () => {
    const away = { reach: async () => Promise.reject(new Error('connection refused')) };
    const cache = new StateCache(new CataloguedSource(source, away), new ManualClock());
    await expect(cache.get(KEY)).rejects.toMatchObject({ code: 'overloaded' });
    expect(cache.peek(KEY)).toBeUndefined();
  });
});
