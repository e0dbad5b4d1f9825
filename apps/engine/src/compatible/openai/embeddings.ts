import { modelIn } from '../body/asked-fields.js';
import type { WireOperation } from '../wire.js';
import { OPENAI_HEADERS } from './chat.js';
import { chatUsage } from './usage.js';

/** `POST /v1/embeddings` (platform.openai.com/docs/api-reference/embeddings). */
export const openaiEmbeddings: WireOperation = {
  id: 'openai.embeddings',
  wire: 'openai',
  permission: 'agentRuns:CreateAgentRun',
  isMetered: true,
  passedHeaders: OPENAI_HEADERS,
  upstreamPath: () => '/embeddings',
  usage: chatUsage,
  read: (body) => ({
    ...{ body, model: modelIn(body), stream: false, hasTools: false },
    // Nothing is said in answer to it.
    ...{ tools: () => [], maxOutputTokens: null, answers: 0 },
  }),
  upstreamBody: ({ body, model: named }, { model, changed }) =>
    body.with({ ...changed, ...(model !== named && { model }) }),
  isOurs: () => false,
  said: () => ({ pieces: [], closes: [] }),
};
