import { createOpenAI } from '@ai-sdk/openai';
import { modelClient } from '../clients.js';
import type { CallableModel, ModelEndpoint } from '../endpoint.js';
import { isRecord } from '../is-record.js';
import { mapUpstreamError, silentEnd } from '../upstream-errors.js';
import { refuseOmissions } from './omissions.js';
import { callOptions } from './prompt.js';
import type { TranslatedCall } from './translated-call.js';

/** What OpenAI counts of a response's request (platform.openai.com/docs/api-reference/responses/input-tokens); the rest is no input. */
const COUNTED = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
];

/** Where a vendor counts, how it is asked, and its answer as that of the call which the client believes to make. */
interface Counter {
  path(url: string): string;
  body(request: Record<string, unknown>, model: string): object;
  answer(counted: Record<string, unknown>, model: string): object;
}

/** Gemini's countTokens (ai.google.dev/api/tokens): what generateContent would be asked. */
const GEMINI: Counter = {
  path: (url) => url.replace(/:generateContent$/, ':countTokens'),
  body: (request, model) => ({ generateContentRequest: { model: `models/${model}`, ...request } }),
  answer: ({ totalTokens }) => ({
    candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: totalTokens, totalTokenCount: totalTokens },
  }),
};

/** OpenAI's `/responses/input_tokens`: what a response would be asked. */
const OPENAI: Counter = {
  path: (url) => url.replace(/\/responses$/, '/responses/input_tokens'),
  body: (request) => Object.fromEntries(Object.entries(request).filter(([name]) => COUNTED.includes(name))),
  answer: ({ input_tokens }, model) => ({
    ...{ id: 'counted', created_at: 0, model, output: [] },
    usage: { input_tokens, output_tokens: 0 },
  }),
};

/**
 * How many tokens the input of a call has, as the vendor counts that very call: its own client words the request, which goes to where
 * the vendor counts. For Gemini and OpenAI. Throws ClavigerError: what the vendor's wire has no word for, and what the upstream failed
 * with.
 */
export async function countedTokens({
  endpoint,
  model,
  request,
  scrubber,
  signal,
}: TranslatedCall): Promise<number> {
  const context = { scrubber, provider: endpoint.provider, model };
  const counter = endpoint.protocol === 'gemini' ? GEMINI : OPENAI;
  try {
    const client = clientOf({ ...endpoint, fetch: counting(endpoint.fetch, counter, model) }, model);
    if (client.specificationVersion !== 'v4') throw new Error('a client of another generation');
    const { usage, warnings } = await client.doGenerate({ ...callOptions(request), abortSignal: signal });
    refuseOmissions(warnings);
    if (usage.inputTokens.total === undefined) throw silentEnd(endpoint.provider);
    return usage.inputTokens.total;
  } catch (error) {
    signal.throwIfAborted();
    throw mapUpstreamError(error, context);
  }
}

function clientOf(endpoint: ModelEndpoint, model: string): CallableModel {
  if (endpoint.protocol === 'gemini') return modelClient(endpoint, model);
  const { baseUrl: baseURL, fetch, headers } = endpoint;
  return createOpenAI({ apiKey: endpoint.secret ?? '', baseURL, fetch, headers }).responses(model);
}

function counting(call: typeof fetch, counter: Counter, model: string): typeof fetch {
  return async (url, init) => {
    const request = recordIn(typeof init?.body === 'string' ? init.body : '');
    const body = JSON.stringify(counter.body(request, model));
    const answer = await call(counter.path(String(url)), { ...init, body });
    if (!answer.ok) return answer;
    return Response.json(counter.answer(recordIn(await answer.text()), model), { headers: idsOf(answer) });
  };
}

function idsOf({ headers }: Response): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding', 'content-type'])
    kept.delete(name);
  return kept;
}

function recordIn(text: string): Record<string, unknown> {
  const value = JSON.parse(text) as unknown;
  if (!isRecord(value)) throw new Error('the answer is no object');
  return value;
}
