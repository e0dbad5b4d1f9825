import type { CatalogueData } from '../types.js';
import { keyIn, model, provider } from './build.js';

const bearer = keyIn('authorization');

/** Hosted vendors that speak OpenAI's wire: each is a record, not code (PRODUCT #9). */
export const compatible: CatalogueData = {
  providers: [
    provider({
      slug: 'xai',
      name: 'xAI',
      protocol: 'openai',
      baseUrl: 'https://api.x.ai/v1',
      credential: bearer,
      defaultModel: 'grok-4.6',
      keyPrefixes: ['xai-'],
      consoleUrl: 'https://console.x.ai',
    }),
    provider({
      slug: 'groq',
      name: 'Groq',
      protocol: 'openai',
      baseUrl: 'https://api.groq.com/openai/v1',
      credential: bearer,
      defaultModel: 'qwen/qwen3-coder-30b-a3b-instruct',
      keyPrefixes: ['gsk_'],
      consoleUrl: 'https://console.groq.com/keys',
    }),
    provider({
      slug: 'openrouter',
      name: 'OpenRouter',
      protocol: 'openai',
      baseUrl: 'https://openrouter.ai/api/v1',
      credential: bearer,
      defaultModel: 'qwen/qwen3-coder-30b-a3b-instruct',
      surfaces: { agent_staged: 'meta-llama/llama-3.3-70b-instruct' },
      supportsTools: 'depends',
      keyPrefixes: ['sk-or-'],
      consoleUrl: 'https://openrouter.ai/settings/keys',
    }),
    provider({
      slug: 'mistral',
      name: 'Mistral AI',
      protocol: 'openai',
      baseUrl: 'https://api.mistral.ai/v1',
      credential: bearer,
      defaultModel: 'mistral-large-latest',
      consoleUrl: 'https://console.mistral.ai/api-keys',
    }),
    provider({
      slug: 'deepseek',
      name: 'DeepSeek',
      protocol: 'openai',
      baseUrl: 'https://api.deepseek.com/v1',
      credential: bearer,
      defaultModel: 'deepseek-chat',
      keyPrefixes: ['sk-'],
      consoleUrl: 'https://platform.deepseek.com/api_keys',
    }),
  ],
  models: [
    model('xai', 'grok-4.6', 'Grok 4.6', {
      bestFor: 'Latest flagship, text and images',
      context: 500_000,
      usd: [2, 6, 0.5],
      usdAbove: { 199_999: [4, 12, 1] },
    }),
    model('xai', 'grok-4.3', 'Grok 4.3', {
      bestFor: 'General purpose at moderate cost, 1M context',
      context: 1_000_000,
      usd: [1.25, 2.5, 0.2],
      usdAbove: { 199_999: [2.5, 5, 0.4] },
    }),
    model('xai', 'grok-4-1-fast-reasoning', 'Grok 4.1 Fast', {
      bestFor: 'Agentic tool calling at low cost, 2M context',
      context: 2_000_000,
      usd: [0.2, 0.5, 0.05],
    }),
    model('xai', 'grok-code-fast-1', 'Grok Code Fast 1', {
      bestFor: 'Agentic coding at low cost',
      context: 256_000,
      usd: [0.2, 1.5, 0.02],
      capabilities: { vision: 'no' },
    }),
    model('groq', 'qwen/qwen3-coder-30b-a3b-instruct', 'Qwen3 Coder 30B A3B', {
      bestFor: 'Very fast code and tool work',
      capabilities: { vision: 'no' },
    }),
    model('groq', 'llama-3.3-70b-versatile', 'Llama 3.3 70B', {
      bestFor: 'Fast general purpose',
      usd: [0.59, 0.79],
      capabilities: { vision: 'no', structuredOutput: 'depends' },
    }),
    model('openrouter', 'qwen/qwen3-coder-30b-a3b-instruct', 'Qwen3 Coder 30B A3B', {
      bestFor: 'Code and tool work at low cost',
      usd: [0.07, 0.27],
      capabilities: { vision: 'no', structuredOutput: 'depends' },
    }),
    model('openrouter', 'meta-llama/llama-3.3-70b-instruct', 'Llama 3.3 70B Instruct', {
      bestFor: 'General purpose; tool calls depend on the host that serves it',
      usd: [0.05, 0.24],
      capabilities: { tools: 'depends', structuredOutput: 'depends', vision: 'no' },
    }),
    model('mistral', 'mistral-large-latest', 'Mistral Large', {
      bestFor: 'Mistral’s most capable general model',
      usd: [2, 6],
      capabilities: { vision: 'depends' },
    }),
    model('deepseek', 'deepseek-chat', 'DeepSeek Chat', {
      bestFor: 'General purpose at low cost',
      context: 64_000,
      usd: [0.27, 1.1, 0.07],
      capabilities: { vision: 'no', structuredOutput: 'depends' },
    }),
    model('deepseek', 'deepseek-reasoner', 'DeepSeek Reasoner', {
      bestFor: 'Step-by-step reasoning at low cost',
      context: 64_000,
      usd: [0.55, 2.19, 0.14],
      capabilities: { tools: 'depends', vision: 'no', structuredOutput: 'depends' },
    }),
  ],
};
