import { anthropicCountTokens, anthropicMessages } from './anthropic/messages.js';
import { geminiCountTokens, geminiEmbed, geminiEmbedBatch } from './gemini/embed.js';
import { geminiGenerate, geminiStream } from './gemini/generate.js';
import { openaiChat } from './openai/chat.js';
import { openaiEmbeddings } from './openai/embeddings.js';
import { openaiResponses } from './openai/responses.js';
import type { WireName, WireOperation } from './wire.js';

export interface CallRoute {
  /** As the router has it; `::` is a colon. */
  path: string;
  operation: WireOperation;
  summary: string;
}

export interface ListRoute {
  path: string;
  wire: WireName;
  id: string;
}

const MODELS = '/gemini/v1beta/models';

/** Google's clients put the model into the path as it is: that of a named provider or key has a slash in it. */
function geminiRoutes(name: string, operation: WireOperation): CallRoute[] {
  const summary = `Gemini ${name}`;
  const pinned: WireOperation = {
    ...operation,
    read: (body, params) => operation.read(body, { ...params, model: `${params['pin']}/${params['model']}` }),
  };
  return [
    { path: `${MODELS}/:model(.+)::${name}`, operation, summary },
    {
      path: `${MODELS}/:pin(@[^/]+)/:model(.+)::${name}`,
      operation: pinned,
      summary: `${summary} of a named provider or key`,
    },
  ];
}

export const CALL_ROUTES: readonly CallRoute[] = [
  { path: '/v1/chat/completions', operation: openaiChat, summary: 'OpenAI chat completions' },
  { path: '/v1/responses', operation: openaiResponses, summary: 'OpenAI responses' },
  { path: '/v1/embeddings', operation: openaiEmbeddings, summary: 'OpenAI embeddings' },
  { path: '/anthropic/v1/messages', operation: anthropicMessages, summary: 'Anthropic messages' },
  {
    path: '/anthropic/v1/messages/count_tokens',
    operation: anthropicCountTokens,
    summary: 'Anthropic count of tokens',
  },
  ...geminiRoutes('generateContent', geminiGenerate),
  ...geminiRoutes('streamGenerateContent', geminiStream),
  ...geminiRoutes('embedContent', geminiEmbed),
  ...geminiRoutes('batchEmbedContents', geminiEmbedBatch),
  ...geminiRoutes('countTokens', geminiCountTokens),
];

export const LIST_ROUTES: readonly ListRoute[] = [
  { path: '/v1/models', wire: 'openai', id: 'openai.models' },
  { path: '/anthropic/v1/models', wire: 'anthropic', id: 'anthropic.models' },
  { path: '/gemini/v1beta/models', wire: 'gemini', id: 'gemini.models' },
];
