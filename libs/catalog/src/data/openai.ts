import type { CatalogueData } from '../types.js';
import { every, keyIn, model, provider } from './build.js';

export const openai: CatalogueData = {
  providers: [
    provider({
      slug: 'openai',
      name: 'OpenAI',
      protocol: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      credential: keyIn('authorization'),
      defaultModel: 'gpt-4.1-mini',
      surfaces: { explain: 'gpt-4.1', agent_complex: 'gpt-4.1', docgen: 'gpt-4.1', lineage: 'gpt-4.1' },
      keyPrefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-'],
      consoleUrl: 'https://platform.openai.com/api-keys',
    }),
  ],
  models: [
    model('openai', 'gpt-5.4', 'GPT-5.4', {
      bestFor: 'Most capable OpenAI model, 1M context',
      context: 1_050_000,
      usd: [2.5, 15, 0.25],
      usdAbove: { 271_999: [5, 22.5, 0.5] },
    }),
    model('openai', 'gpt-5.3', 'GPT-5.3', {
      bestFor: 'Agentic coding',
      context: 128_000,
      usd: [1.75, 14, 0.175],
    }),
    model('openai', 'gpt-5.2', 'GPT-5.2', {
      bestFor: 'Advanced reasoning',
      context: 400_000,
      usd: [1.75, 14, 0.175],
    }),
    model('openai', 'gpt-5', 'GPT-5', {
      bestFor: 'Strong general purpose',
      context: 400_000,
      usd: [1.25, 10, 0.125],
    }),
    model('openai', 'gpt-5-mini', 'GPT-5 mini', {
      bestFor: 'Cost-effective for simpler tasks',
      context: 400_000,
      usd: [0.25, 2, 0.025],
    }),
    model('openai', 'o4-mini', 'o4-mini', {
      bestFor: 'Compact, optimized for reasoning',
      context: 200_000,
      usd: [1.1, 4.4, 0.275],
    }),
    model('openai', 'gpt-4.1', 'GPT-4.1', {
      bestFor: 'Long documents and instruction following, 1M context',
      context: 1_000_000,
      usd: [2, 8, 0.5],
    }),
    model('openai', 'gpt-4.1-mini', 'GPT-4.1 mini', {
      bestFor: 'Everyday work at low cost, 1M context',
      context: 1_000_000,
      usd: [0.4, 1.6, 0.1],
    }),
    model('openai', 'gpt-4o', 'GPT-4o', {
      bestFor: 'Text and images, previous generation',
      context: 128_000,
      usd: [2.5, 10, 1.25],
      lifecycle: 'legacy',
    }),
    model('openai', 'gpt-4o-mini', 'GPT-4o mini', {
      bestFor: 'Small and cheap, previous generation',
      context: 128_000,
      usd: [0.15, 0.6, 0.075],
      lifecycle: 'legacy',
    }),
    model('openai', 'text-embedding-3-small', 'Text embedding 3 small', {
      bestFor: 'Embeddings; it answers no prompts and calls no tools',
      context: 8_192,
      usd: [0.02, 0],
      capabilities: every('no'),
    }),
  ],
};
