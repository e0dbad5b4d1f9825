import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from '#lib/catalog';
import { newId } from '#lib/kernel';
import { gateAssignment } from '#lib/testing';
import { vetRoutes } from './vet-routes.js';

const state = { assignments: [gateAssignment('openai')] };
const catalogue = buildCatalogue();

describe('#14 what is said of further targets before a run', () => {
  it('nothing of targets that may be used or not, for that is asked when they are tried', () => {
    const routes = [
      { model: 'gpt-4.1' },
      { provider: 'google' },
      { model: '@groq/x' },
      { model: '@no-slug' },
    ];
    expect(() => vetRoutes(routes, state, catalogue)).not.toThrow();
  });

  it('a provider that is none names its place; a key that is none of the workspace’s is not found', () => {
    expect(() => vetRoutes([{ model: 'a' }, { provider: 'nobody' }], state, catalogue)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/agent/routes/1/provider' })] }),
    );
    expect(() => vetRoutes([{ model: '@nobody/a' }], state, catalogue)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/agent/routes/0/model' })] }),
    );
    for (const target of [{ aiProviderId: newId('aip') }, { model: `@${newId('aip')}/gpt-4.1` }])
      expect(() => vetRoutes([target], state, catalogue)).toThrow(
        expect.objectContaining({ code: 'not_found' }),
      );
  });
});
