import { describe, expect, it } from '@jest/globals';
import { FIXTURE_NOW, gateAssignment, gateState, OPEN_POLICIES } from '#lib/testing';
import { buildCatalogue } from './catalogue.js';
import { catalogueData } from './data/index.js';
import { editFaults } from './edit-faults.js';
import { editChanges } from './edits.js';
import { evaluate } from './evaluate.js';
import { listModels } from './model-list.js';
import { keyHeader } from './origins.js';
import type { CatalogueEdits, ProviderEdit } from './types.js';

const rows = {
  providers: catalogueData.providers.map((record) => ({ slug: record.slug, record })),
  models: catalogueData.models.map((record) => ({ provider: record.provider, id: record.id, record })),
};
const withEdits = (...providers: ProviderEdit[]) =>
  buildCatalogue({ ...rows, edits: { providers }, version: 3 });
const acme: ProviderEdit = { slug: 'acme', name: 'Acme', baseUrl: 'https://api.acme.test/v2' };
const free = { inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 1, cachedInputMicroUsdPerMTok: null };
const tier = { ...free, aboveInputTokens: 200_000 };
const faults = (...providers: ProviderEdit[]) =>
  editFaults({ providers }, withEdits(...providers)).map(({ pointer }) => pointer);

describe('#9 an operator’s edits lie over what Claviger ships', () => {
  it('member by member: what is left out stays, and what an upgrade brings is there', () => {
    const now = withEdits({
      slug: 'openai',
      defaultModel: 'gpt-5',
      models: [{ id: 'gpt-5', bestFor: 'All' }],
    });
    const before = buildCatalogue();
    expect(now.provider('openai')).toEqual({ ...before.provider('openai'), defaultModel: 'gpt-5' });
    expect(now.model('openai', 'gpt-5')).toEqual({ ...before.model('openai', 'gpt-5'), bestFor: 'All' });
    expect(now.modelsOf('openai')).toHaveLength(before.modelsOf('openai').length);
    expect([before.version, now.version]).toEqual([0, 3]);
  });

  it('a record of their own starts as OpenAI’s wire with one bearer key and comes last', () => {
    const now = withEdits({ ...acme, models: [{ id: 'a-1' }] });
    expect(now.providers.at(-1)).toMatchObject({
      ...{ slug: 'acme', protocol: 'openai', versionPath: '/v2', isOperatorMade: true, enabled: true },
      credential: { kind: 'key', header: 'authorization', fields: [{ name: 'secret' }] },
    });
    expect(now.model('acme', 'a-1')).toMatchObject({ name: 'a-1', price: null, lifecycle: 'active' });
    expect(keyHeader(now.provider('acme')!, 'openai')).toBeUndefined();
    const own = withEdits({ ...acme, credential: { kind: 'key', header: 'X-Acme' } }).provider('acme')!;
    expect(keyHeader(own, 'openai')).toBe('x-acme');
    for (const record of catalogueData.providers) expect(keyHeader(record, record.protocol)).toBeUndefined();
  });

  it('says what a change adds, changes and takes away, whatever the order of members', () => {
    const before: CatalogueEdits = {
      providers: [
        { slug: 'openai', name: 'A', enabled: true },
        { ...acme, models: [{ id: 'a-1' }] },
      ],
    };
    const after: CatalogueEdits = {
      providers: [
        { enabled: true, slug: 'openai', name: 'A' },
        { ...acme, name: 'B', models: [{ id: 'a-2' }] },
      ],
    };
    expect(editChanges(before, after)).toEqual({
      added: ['acme/a-2'],
      changed: ['acme'],
      removed: ['acme/a-1'],
    });
  });
});

describe('#10 a provider that the operator switched off', () => {
  it('is refused by name in the resolver, as a list says it, before the organization’s own gate', () => {
    const off = withEdits({ slug: 'openai', enabled: false });
    const state = gateState([gateAssignment('openai')], { disabledProviders: ['openai'] });
    const verdict = evaluate(state, off, { model: 'gpt-5' }, FIXTURE_NOW, OPEN_POLICIES);
    expect(verdict).toMatchObject({
      ...{ ok: false, gate: 'provider', code: 'provider_disabled', extras: { scope: 'platform' } },
      detail: expect.stringContaining('switched off by the platform operator'),
    });
    const listed = listModels(state, off, FIXTURE_NOW, OPEN_POLICIES).unavailable.find(
      ({ id }) => id === 'gpt-5',
    );
    expect(listed).toMatchObject({ code: 'provider_disabled', detail: verdict.ok ? '' : verdict.detail });
    // Nothing named: another usable key is taken.
    const both = gateState([gateAssignment('openai'), gateAssignment('anthropic', { priority: 9 })]);
    expect(evaluate(both, off, {}, FIXTURE_NOW, OPEN_POLICIES)).toMatchObject({
      ok: true,
      choice: { provider: { slug: 'anthropic' } },
    });
  });
});

describe('#11 a retired model', () => {
  const retired = withEdits({
    slug: 'openai',
    models: [{ id: 'gpt-4o', lifecycle: 'retired', replacement: 'gpt-5' }],
  });
  it.each<[string, object, object]>([
    ['named by the caller', { model: 'gpt-4o' }, {}],
    ['the default of its key', {}, { keyDefaultModel: 'gpt-4o' }],
    ['the first of a curated list', {}, { keyModels: ['gpt-4o', 'gpt-5'] }],
  ])('%s is refused with its replacement', (_name, request, key) => {
    const state = gateState([gateAssignment('openai', key)]);
    expect(evaluate(state, retired, request, FIXTURE_NOW, OPEN_POLICIES)).toMatchObject({
      ...{ code: 'model_not_available', extras: { model: 'gpt-4o', replacement: 'gpt-5' } },
      detail: expect.stringContaining('Use "gpt-5"'),
    });
    const { data, unavailable } = listModels(state, retired, FIXTURE_NOW, OPEN_POLICIES);
    expect(data.map(({ id }) => id)).not.toContain('gpt-4o');
    expect(unavailable).toContainEqual(
      expect.objectContaining({ id: 'gpt-4o', code: 'model_not_available' }),
    );
  });

  it('among those that are shipped, deprecated ones name one that is there', () => {
    const ending = catalogueData.models.filter(
      ({ lifecycle }) => lifecycle === 'deprecated' || lifecycle === 'retired',
    );
    expect(ending.length).toBeGreaterThan(0);
    for (const { provider, replacement } of ending)
      expect(buildCatalogue().model(provider, replacement ?? '')?.lifecycle).toBe('active');
  });
});

describe('every fault of an operator’s edits is found at once', () => {
  it.each<[string, ProviderEdit[], string[]]>([
    ['nothing wrong', [acme, { slug: 'openai', enabled: false }], []],
    [
      'a slug of another system, or no slug',
      [
        { ...acme, slug: 'aws' },
        { ...acme, slug: 'A_b' },
      ],
      ['/providers/0/slug', '/providers/1/slug'],
    ],
    ['twice', [acme, acme], ['/providers/1/slug']],
    ['no name', [{ slug: 'acme', baseUrl: 'https://x.test' }], ['/providers/0/name']],
    ['no place to call', [{ slug: 'acme', name: 'A', acceptsBaseUrl: false }], ['/providers/0/baseUrl']],
    ['a URL with a user', [{ ...acme, baseUrl: 'https://u:p@x.test' }], ['/providers/0/baseUrl']],
    ['a URL with a query', [{ ...acme, baseUrl: 'https://x.test/v1?key=1' }], ['/providers/0/baseUrl']],
    ['another scheme', [{ ...acme, baseUrl: 'file:///etc/passwd' }], ['/providers/0/baseUrl']],
    [
      'a header that steers',
      [{ ...acme, credential: { kind: 'key', header: 'Host' } }],
      ['/providers/0/credential'],
    ],
    ['a wire without its credential', [{ ...acme, protocol: 'bedrock' }], ['/providers/0/credential']],
    [
      'a credential of one of ours',
      [{ slug: 'openai', credential: { kind: 'optional_key' } }],
      ['/providers/0/credential'],
    ],
    [
      'no replacement',
      [{ slug: 'openai', models: [{ id: 'gpt-4o', lifecycle: 'retired' }] }],
      ['/providers/0/models/0/replacement'],
    ],
    [
      'one that is not there',
      [{ ...acme, models: [{ id: 'a', lifecycle: 'deprecated', replacement: 'b' }] }],
      ['/providers/0/models/0/replacement'],
    ],
    [
      'one that is retired',
      [{ ...acme, models: [{ id: 'a', lifecycle: 'retired', replacement: 'a' }] }],
      ['/providers/0/models/0/replacement'],
    ],
    ['a model twice', [{ ...acme, models: [{ id: 'a' }, { id: 'a' }] }], ['/providers/0/models/1/id']],
    [
      'no day',
      [
        {
          ...acme,
          models: [
            {
              id: 'a',
              price: {
                inputMicroUsdPerMTok: 1,
                outputMicroUsdPerMTok: 1,
                cachedInputMicroUsdPerMTok: null,
                asOf: '2026-02-30',
              },
            },
          ],
        },
      ],
      ['/providers/0/models/0/price/asOf'],
    ],
    [
      'two tiers from the same bound',
      [{ ...acme, models: [{ id: 'a', price: { ...free, asOf: '2026-11-21', tiers: [tier, tier] } }] }],
      ['/providers/0/models/0/price/tiers'],
    ],
    [
      'several',
      [{ slug: 'x', models: [{ id: 'a', replacement: 'z' }] }],
      ['/providers/0/slug', '/providers/0/name', '/providers/0/models/0/replacement'],
    ],
  ])('%s', (_name, edits, expected) => {
    expect(faults(...edits)).toEqual(expected);
  });
});
