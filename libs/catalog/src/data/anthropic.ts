import type { CatalogueData } from '../types.js';
import { keyIn, model, provider } from './build.js';

export const anthropic: CatalogueData = {
  providers: [
    provider({
      slug: 'anthropic',
      name: 'Anthropic',
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      credential: keyIn('x-api-key'),
      defaultModel: 'claude-sonnet-4-6',
      surfaces: {
        cmd_k: 'claude-haiku-4-5',
        ghost_node: 'claude-haiku-4-5',
        settings_autocomplete: 'claude-haiku-4-5',
        intent_classifier: 'claude-haiku-4-5',
        agent_staged: 'claude-haiku-4-5',
        agent_complex: 'claude-opus-4-7',
      },
      keyPrefixes: ['sk-ant-'],
      consoleUrl: 'https://console.anthropic.com/settings/keys',
    }),
  ],
  models: [
    model('anthropic', 'claude-opus-4-7', 'Claude Opus 4.7', {
      bestFor: 'Hardest reasoning and long agentic work, 1M context',
      context: 1_000_000,
      usd: [5, 25, 0.5],
    }),
    model('anthropic', 'claude-opus-4-6', 'Claude Opus 4.6', {
      bestFor: 'Most capable, complex multi-step reasoning, 1M context',
      context: 1_000_000,
      usd: [5, 25, 0.5],
    }),
    model('anthropic', 'claude-sonnet-4-6', 'Claude Sonnet 4.6', {
      bestFor: 'Fast, high quality, 1M context',
      context: 1_000_000,
      usd: [3, 15, 0.3],
    }),
    model('anthropic', 'claude-opus-4-5', 'Claude Opus 4.5', {
      bestFor: 'Advanced reasoning and analysis',
      context: 200_000,
      usd: [5, 25, 0.5],
    }),
    model('anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', {
      bestFor: 'Balanced performance and speed',
      context: 200_000,
      usd: [3, 15, 0.3],
      usdAbove: { 200_000: [6, 22.5, 0.6] },
    }),
    model('anthropic', 'claude-opus-4', 'Claude Opus 4', {
      bestFor: 'Strong reasoning, previous generation',
      context: 200_000,
      usd: [15, 75, 1.5],
      lifecycle: 'legacy',
    }),
    model('anthropic', 'claude-sonnet-4', 'Claude Sonnet 4', {
      bestFor: 'Fast, reliable general purpose, previous generation',
      context: 200_000,
      usd: [3, 15, 0.3],
      lifecycle: 'legacy',
    }),
    model('anthropic', 'claude-haiku-4-5', 'Claude Haiku 4.5', {
      bestFor: 'Lightweight tasks, high throughput, lowest cost',
      context: 200_000,
      usd: [1, 5, 0.1],
    }),
  ],
};
