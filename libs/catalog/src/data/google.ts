import type { CatalogueData } from '../types.js';
import { every, keyIn, model, provider } from './build.js';

export const google: CatalogueData = {
  providers: [
    provider({
      slug: 'google',
      name: 'Google Gemini',
      protocol: 'gemini',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
      credential: keyIn('x-goog-api-key'),
      defaultModel: 'gemini-2.5-flash',
      surfaces: { agent_complex: 'gemini-2.5-pro' },
      keyPrefixes: ['AIza'],
      consoleUrl: 'https://aistudio.google.com/apikey',
    }),
  ],
  models: [
    model('google', 'gemini-2.5-pro', 'Gemini 2.5 Pro', {
      bestFor: 'Most capable Gemini model',
      context: 1_048_576,
      usd: [1.25, 10, 0.125],
      usdAbove: { 200_000: [2.5, 15, 0.25] },
    }),
    model('google', 'gemini-2.5-flash', 'Gemini 2.5 Flash', {
      bestFor: 'Fast responses, good balance',
      context: 1_048_576,
      usd: [0.3, 2.5, 0.03],
    }),
    model('google', 'gemini-2.0-flash', 'Gemini 2.0 Flash', {
      bestFor: 'Lightweight, high-speed tasks',
      context: 1_000_000,
      usd: [0.1, 0.4, 0.025],
      lifecycle: 'deprecated',
      replacement: 'gemini-2.5-flash',
    }),
    model('google', 'gemini-embedding-001', 'Gemini Embedding', {
      bestFor: 'Embeddings; it answers no prompts and calls no tools',
      context: 2_048,
      usd: [0.15, 0],
      capabilities: every('no'),
    }),
  ],
};
