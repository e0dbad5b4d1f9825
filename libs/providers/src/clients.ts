import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { isGeminiModelId, isModelId } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { azureModel, bedrockModel, behindHeader, vertexModel } from './cloud-clients.js';
import type { CallableModel, ModelEndpoint } from './endpoint.js';

// The SDK prints what a provider doesn't support to the console, past the logger.
globalThis.AI_SDK_LOG_WARNINGS = false;

/**
 * A client for one model. Key, base URL and fetch are always given: `apiKey: undefined` would read `OPENAI_API_KEY`, an
 * omitted URL would obey `OPENAI_BASE_URL`. An empty key makes the vendors' clients send an empty header, not look one up.
 * @throws ClavigerError model_not_available for an id that would change the path of the call
 */
export function modelClient(given: ModelEndpoint, model: string): CallableModel {
  // Gates have looked at it; whatever comes here past them still reaches nothing but models.
  if (!(given.protocol === 'gemini' ? isGeminiModelId(model) : isModelId(model))) throw noModelId(model);
  const endpoint = given.keyHeader === undefined ? given : behindHeader(given);
  const { baseUrl: baseURL, fetch, provider } = endpoint;
  const apiKey = endpoint.secret ?? '';
  const headers = {
    ...endpoint.headers,
    ...(endpoint.secondSecret ? { [endpoint.secondSecret.header]: endpoint.secondSecret.value } : {}),
  };
  switch (endpoint.protocol) {
    case 'openai':
      if (provider === 'openai') return createOpenAI({ apiKey, baseURL, fetch, headers }).chat(model);
      // This client reads no environment; without a key it sends no Authorization header (a local Ollama).
      return createOpenAICompatible({
        name: provider,
        baseURL,
        fetch,
        headers,
        includeUsage: true,
        supportsStructuredOutputs: true,
        ...(endpoint.secret === null ? {} : { apiKey }),
      }).chatModel(model);
    case 'anthropic':
      return createAnthropic({ apiKey, baseURL, fetch, headers })(model);
    case 'gemini':
      if (endpoint.cloud?.kind === 'vertex') return vertexModel(endpoint, model, headers);
      return createGoogle({ apiKey, baseURL, fetch, headers })(model);
    case 'azure':
      return azureModel(endpoint, model, headers);
    case 'bedrock':
      return bedrockModel(endpoint, model, headers);
  }
}

function noModelId(model: string): ClavigerError {
  const shown = model.slice(0, 128);
  return new ClavigerError(
    'model_not_available',
    `"${shown}" can be no model’s id on this provider’s wire. Give the id as the vendor spells it, without a path.`,
    { extras: { model: shown } },
  );
}
