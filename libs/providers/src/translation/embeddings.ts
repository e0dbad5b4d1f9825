import { createGoogle } from '@ai-sdk/google';
import { isGeminiModelId } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { behindHeader } from '../cloud-clients.js';
import type { ModelEndpoint } from '../endpoint.js';
import { isRecord } from '../is-record.js';
import type { Scrubber } from '../scrubber.js';
import { mapUpstreamError, upstreamRequestId } from '../upstream-errors.js';

/** Gemini takes no more texts in one batch (ai.google.dev/api/embeddings). */
const MOST_AT_ONCE = 100;

export interface EmbeddingsCall {
  endpoint: ModelEndpoint;
  model: string;
  texts: readonly string[];
  /** How long each vector is to be; undefined: as the model makes them. */
  dimensions: number | undefined;
  scrubber: Scrubber;
  signal: AbortSignal;
}

/** What came of one batch. */
export interface EmbeddedBatch {
  /** One for each text, in their order. */
  vectors: number[][];
  /** As the vendor counted; null where it does not say. */
  inputTokens: number | null;
  upstreamRequestId: string | null;
}

/**
 * Embeddings by Gemini's embedContent and batchEmbedContents, in as many requests as it takes.
 * Throws ClavigerError for what the upstream failed with.
 */
export async function* translatedEmbeddings(call: EmbeddingsCall): AsyncGenerator<EmbeddedBatch, void> {
  const { endpoint, model, texts, signal, scrubber } = call;
  const client = embeddingClient(endpoint, model);
  for (let from = 0; from < texts.length; from += MOST_AT_ONCE) {
    try {
      yield await batchOf(client, texts.slice(from, from + MOST_AT_ONCE), call);
    } catch (error) {
      signal.throwIfAborted();
      throw mapUpstreamError(error, { scrubber, provider: endpoint.provider, model });
    }
  }
}

type EmbeddingClient = ReturnType<typeof embeddingClient>;

async function batchOf(
  client: EmbeddingClient,
  values: string[],
  call: EmbeddingsCall,
): Promise<EmbeddedBatch> {
  const { dimensions, signal, scrubber, endpoint } = call;
  const { embeddings, response } = await client.doEmbed({ values, dimensions, abortSignal: signal });
  if (embeddings.length !== values.length) throw miscounted(endpoint.provider);
  return {
    vectors: embeddings,
    inputTokens: tokensOf(response?.body),
    upstreamRequestId: upstreamRequestId(response?.headers, scrubber),
  };
}

function embeddingClient(given: ModelEndpoint, model: string) {
  if (given.protocol !== 'gemini' || !isGeminiModelId(model)) throw new Error('no client for embeddings');
  const endpoint = given.keyHeader === undefined ? given : behindHeader(given);
  const { baseUrl: baseURL, fetch, secondSecret } = endpoint;
  const second = secondSecret ? { [secondSecret.header]: secondSecret.value } : {};
  const headers = { ...endpoint.headers, ...second };
  return createGoogle({ apiKey: endpoint.secret ?? '', baseURL, fetch, headers }).embedding(model);
}

function tokensOf(body: unknown): number | null {
  const usage = isRecord(body) ? body['usageMetadata'] : undefined;
  const count = isRecord(usage) ? usage['promptTokenCount'] : undefined;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function miscounted(provider: string): ClavigerError {
  return new ClavigerError(
    'upstream_error',
    `${provider} answered with another number of embeddings than was asked for. Try again.`,
  );
}
