import { describe, expect, it } from '@jest/globals';
import { PROVIDER_SLUGS } from '#lib/contracts';
import { buildCatalogue } from './catalogue.js';
import { catalogueData } from './data/index.js';

const catalogue = buildCatalogue();
const haiku = 'claude-haiku-4-5';
const coder = 'qwen/qwen3-coder-30b-a3b-instruct';

/** slug, protocol, base URL, header of the key, default model, surfaces that differ. */
const table: [string, string, string | null, string | null, string | null, Record<string, string>][] = [
  [
    'anthropic',
    'anthropic',
    'https://api.anthropic.com/v1',
    'x-api-key',
    'claude-sonnet-4-6',
    {
      cmd_k: haiku,
      ghost_node: haiku,
      settings_autocomplete: haiku,
      intent_classifier: haiku,
      agent_staged: haiku,
      agent_complex: 'claude-opus-4-7',
    },
  ],
  [
    'openai',
    'openai',
    'https://api.openai.com/v1',
    'authorization',
    'gpt-4.1-mini',
    {
      explain: 'gpt-4.1',
      agent_complex: 'gpt-4.1',
      docgen: 'gpt-4.1',
      lineage: 'gpt-4.1',
    },
  ],
  [
    'google',
    'gemini',
    'https://generativelanguage.googleapis.com/v1beta',
    'x-goog-api-key',
    'gemini-2.5-flash',
    {
      agent_complex: 'gemini-2.5-pro',
    },
  ],
  ['groq', 'openai', 'https://api.groq.com/openai/v1', 'authorization', coder, {}],
  [
    'openrouter',
    'openai',
    'https://openrouter.ai/api/v1',
    'authorization',
    coder,
    {
      agent_staged: 'meta-llama/llama-3.3-70b-instruct',
    },
  ],
  ['xai', 'openai', 'https://api.x.ai/v1', 'authorization', 'grok-4.6', {}],
  ['mistral', 'openai', 'https://api.mistral.ai/v1', 'authorization', 'mistral-large-latest', {}],
  ['deepseek', 'openai', 'https://api.deepseek.com/v1', 'authorization', 'deepseek-chat', {}],
  [
    'ollama',
    'openai',
    'http://localhost:11434',
    'authorization',
    'llama3.1:8b',
    { agent_complex: 'llama3.1:70b' },
  ],
  ['azure', 'azure', null, 'api-key', null, {}],
  ['bedrock', 'bedrock', null, null, null, {}],
  ['vertex', 'gemini', null, null, 'gemini-2.5-flash', {}],
  ['gateway', 'openai', null, 'authorization', null, {}],
  ['custom', 'openai', null, 'authorization', null, {}],
];

const models: [string, string, RegExp, number][] = [
  ['anthropic', 'claude-opus-4-7', /reasoning/, 1_000_000],
  ['anthropic', 'claude-opus-4-6', /most capable, complex multi-step reasoning, 1M/i, 1_000_000],
  ['anthropic', 'claude-sonnet-4-6', /fast, high quality, 1M/i, 1_000_000],
  ['anthropic', 'claude-opus-4-5', /advanced reasoning and analysis/i, 200_000],
  ['anthropic', 'claude-sonnet-4-5', /balanced/i, 200_000],
  ['anthropic', 'claude-opus-4', /strong reasoning, previous generation/i, 200_000],
  ['anthropic', 'claude-sonnet-4', /fast, reliable general purpose/i, 200_000],
  ['anthropic', 'claude-haiku-4-5', /lightweight.*high throughput.*lowest cost/i, 200_000],
  ['openai', 'gpt-5.4', /most capable.*1M/i, 1_050_000],
  ['openai', 'gpt-5.3', /agentic coding/i, 128_000],
  ['openai', 'gpt-5.2', /advanced reasoning/i, 400_000],
  ['openai', 'gpt-5', /strong general purpose/i, 400_000],
  ['openai', 'gpt-5-mini', /cost-effective/i, 400_000],
  ['openai', 'o4-mini', /compact.*reasoning/i, 200_000],
  ['openai', 'gpt-4.1', /./, 1_000_000],
  ['openai', 'gpt-4.1-mini', /./, 1_000_000],
  ['openai', 'gpt-4o', /./, 128_000],
  ['openai', 'gpt-4o-mini', /./, 128_000],
  ['openai', 'text-embedding-3-small', /embedding/i, 8_192],
  ['google', 'gemini-2.5-pro', /most capable/i, 1_048_576],
  ['google', 'gemini-2.5-flash', /fast.*good balance/i, 1_048_576],
  ['google', 'gemini-2.0-flash', /lightweight.*high-speed/i, 1_000_000],
];

describe('the catalogue as seeded', () => {
  it('#8 lists every provider slug once, in the order of the contract', () => {
    expect(catalogueData.providers.map((provider) => provider.slug)).toEqual([...PROVIDER_SLUGS]);
    expect(table.map(([slug]) => slug).sort()).toEqual([...PROVIDER_SLUGS].sort());
  });

  it.each(table)('#8 #9 %s: protocol, base URL, credential, default and surfaces', (...row) => {
    const [slug, protocol, baseUrl, header, defaultModel, surfaces] = row;
    const found = catalogue.provider(slug);
    expect(found).toMatchObject({ protocol, baseUrl, defaultModel, surfaces });
    expect(found?.credential.header).toBe(header);
  });

  it.each(models)(
    '#11 %s lists %s with what it is best for and its context window',
    (provider, id, bestFor, window) => {
      const found = catalogue.model(provider, id);
      expect(found?.bestFor).toMatch(bestFor);
      expect(found?.contextWindow).toBe(window);
      expect(found?.price?.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(Number.isInteger(found?.price?.inputMicroUsdPerMTok)).toBe(true);
    },
  );

  it('#11 every default and surface model is itself in the catalogue', () => {
    for (const { slug, defaultModel, surfaces } of catalogueData.providers) {
      const named = [defaultModel, ...Object.values(surfaces)].filter((id) => id !== null);
      for (const id of named) expect([slug, id, catalogue.model(slug, id)?.id]).toEqual([slug, id, id]);
    }
  });

  it('#11 holds a model that has no tools and one for which it depends', () => {
    expect(catalogue.model('openai', 'text-embedding-3-small')?.capabilities.tools).toBe('no');
    expect(catalogueData.models.some((model) => model.capabilities.tools === 'depends')).toBe(true);
  });

  it('#11 no model is listed twice under one provider', () => {
    const keys = catalogueData.models.map((model) => `${model.provider} ${model.id}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('rows of the platform tier', () => {
  it('#10 replace the seed member by member, and add vendors that the code has never heard of', () => {
    const edited = buildCatalogue({
      providers: [
        { slug: 'anthropic', record: { defaultModel: 'claude-haiku-4-5' } },
        {
          slug: 'cerebras',
          record: { name: 'Cerebras', baseUrl: 'https://api.cerebras.ai/v1', defaultModel: 'm1' },
        },
      ],
      models: [{ provider: 'cerebras', id: 'm1', record: { name: 'M one' } }],
    });
    expect(edited.provider('anthropic')).toMatchObject({
      defaultModel: 'claude-haiku-4-5',
      protocol: 'anthropic',
    });
    expect(edited.provider('cerebras')).toMatchObject({
      protocol: 'openai',
      credential: { header: 'authorization' },
    });
    expect(edited.model('cerebras', 'm1')?.capabilities.tools).toBe('unknown');
    expect(edited.provider('openai')).toBeUndefined();
  });

  it('round-trip through JSON as the seed writes them', () => {
    const rows = {
      providers: catalogueData.providers.map((record) => ({
        slug: record.slug,
        record: JSON.parse(JSON.stringify(record)) as unknown,
      })),
      models: catalogueData.models.map((record) => ({
        provider: record.provider,
        id: record.id,
        record: JSON.parse(JSON.stringify(record)) as unknown,
      })),
    };
    expect(buildCatalogue(rows).providers).toEqual(catalogue.providers);
    expect(buildCatalogue(rows).models).toEqual(catalogue.models);
    const backwards = { providers: [...rows.providers].reverse(), models: [...rows.models].reverse() };
    expect(buildCatalogue(backwards).providers).toEqual(catalogue.providers);
    expect(buildCatalogue(backwards).models).toEqual(catalogue.models);
  });
});
