import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { AnthropicMessagesLanguageModel } from '@ai-sdk/anthropic/internal';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { iamPairOf } from '#lib/catalog';
import { authHeaders, type CallableModel, type ModelEndpoint } from './endpoint.js';

type Headers_ = Record<string, string>;

/** A key that the vendors' clients ask for and that never travels: `dressed` takes its header away. */
const NO_KEY = 'none';

/**
 * Azure OpenAI: OpenAI's chat completions below a deployment, the key in `api-key`, the version in the query
 * (learn.microsoft.com, "Azure OpenAI REST API reference"); with API version `v1` the newer path without deployments.
 */
export function azureModel(endpoint: ModelEndpoint, model: string, headers: Headers_): CallableModel {
  const azure = endpoint.cloud?.kind === 'azure' ? endpoint.cloud : null;
  const apiVersion = azure?.apiVersion ?? 'v1';
  const deployment = azure?.deployments[model] ?? model;
  const root = endpoint.baseUrl.replace(/\/openai(\/v1)?$/, '');
  const isDated = /^\d/.test(apiVersion);
  const path = isDated ? `/openai/deployments/${encodeURIComponent(deployment)}` : '/openai/v1';
  const fetch = dressed(endpoint.fetch, authHeaders(endpoint), { 'api-version': apiVersion });
  const openai = createOpenAI({ apiKey: NO_KEY, baseURL: root + path, fetch, headers });
  return openai.chat(isDated ? model : deployment);
}

/** Bedrock's Converse, signed with an IAM pair (SigV4) or with one bearer key. */
export function bedrockModel(endpoint: ModelEndpoint, model: string, headers: Headers_): CallableModel {
  const { secret, baseUrl: baseURL, fetch, cloud } = endpoint;
  const region = cloud?.kind === 'bedrock' ? cloud.region : 'us-east-1';
  const pair = iamPairOf(secret ?? '');
  // An absent key, pair or session token would be looked for in the environment; an empty one is not.
  const identity = pair
    ? { ...pair, sessionToken: pair.sessionToken, apiKey: '' }
    : { apiKey: secret || NO_KEY, accessKeyId: NO_KEY, secretAccessKey: NO_KEY };
  return createAmazonBedrock({ ...identity, region, baseURL, fetch, headers })(model);
}

/** Vertex: Gemini's wire for Google's models and Anthropic's for Claude, under one project. */
export function vertexModel(endpoint: ModelEndpoint, model: string, headers: Headers_): CallableModel {
  const fetch = dressed(endpoint.fetch, authHeaders(endpoint), {});
  if (!model.startsWith('claude')) {
    return createGoogle({ apiKey: NO_KEY, baseURL: endpoint.baseUrl, fetch, headers })(model);
  }
  const path = encodeURIComponent(model);
  return new AnthropicMessagesLanguageModel(model, {
    provider: 'vertex.anthropic.messages',
    baseURL: endpoint.baseUrl.replace(/\/publishers\/google$/, '/publishers/anthropic'),
    headers,
    fetch,
    buildRequestUrl: (baseURL, isStreaming) =>
      `${baseURL}/models/${path}:${isStreaming ? 'streamRawPredict' : 'rawPredict'}`,
    // The model stands in the path, and the version in the body (docs.cloud.google.com, "Claude on Vertex AI").
    transformRequestBody: ({ model: _model, ...body }) => ({
      ...body,
      anthropic_version: 'vertex-2023-10-16',
    }),
  });
}

/** The same endpoint with its key in the header that the provider's record names, and in no other. */
export function behindHeader(endpoint: ModelEndpoint): ModelEndpoint {
  const fetch = dressed(endpoint.fetch, authHeaders(endpoint), {});
  return { ...endpoint, secret: endpoint.secret === null ? null : NO_KEY, fetch };
}

const KEY_HEADERS = ['authorization', 'api-key', 'x-api-key', 'x-goog-api-key'];

/** A fetch that sends these credentials in place of whatever the client put there, and adds to the query. */
function dressed(fetch: typeof globalThis.fetch, auth: Headers_, query: Headers_): typeof globalThis.fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
    for (const name of KEY_HEADERS) headers.delete(name);
    for (const [name, value] of Object.entries(auth)) headers.set(name, value);
    return fetch(input instanceof Request ? new Request(url, input) : url, { ...init, headers });
  };
}
