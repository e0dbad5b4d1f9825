import type { CatalogueData, CredentialShape } from '../types.js';
import { every, keyIn, model, provider } from './build.js';

const bearer = keyIn('authorization');

const optionalKey: CredentialShape = {
  kind: 'optional_key',
  required: false,
  header: 'authorization',
  fields: [{ name: 'secret', label: 'API key (only if the server asks for one)', required: false }],
};

const keyAndSecond: CredentialShape = {
  kind: 'key_and_second',
  required: true,
  header: 'authorization',
  fields: [
    { name: 'secret', label: 'API key', required: true },
    { name: 'secondSecret', label: 'Second secret', required: false },
  ],
};

/** What an owner hosts: local servers, gateways, anything that speaks one of the three wires. Their models are their own. */
export const hosted: CatalogueData = {
  providers: [
    provider({
      slug: 'ollama',
      name: 'Ollama',
      protocol: 'openai',
      baseUrl: 'http://localhost:11434',
      versionPath: null,
      callPath: '/v1',
      credential: optionalKey,
      defaultModel: 'llama3.1:8b',
      surfaces: { agent_complex: 'llama3.1:70b' },
      openModels: true,
      supportsTools: 'depends',
    }),
    provider({
      slug: 'gateway',
      name: 'LLM gateway',
      protocol: 'openai',
      protocolChoices: ['openai', 'anthropic', 'gemini'],
      baseUrl: null,
      versionPath: '/v1',
      credential: keyAndSecond,
      defaultModel: null,
      openModels: true,
      supportsTools: 'depends',
    }),
    provider({
      slug: 'custom',
      name: 'Custom provider',
      protocol: 'openai',
      protocolChoices: ['openai', 'anthropic', 'gemini'],
      baseUrl: null,
      versionPath: '/v1',
      credential: keyAndSecond,
      defaultModel: null,
      openModels: true,
      supportsTools: 'depends',
    }),
  ],
  models: [
    model('ollama', 'llama3.1:8b', 'Llama 3.1 8B', {
      bestFor: 'Runs on a laptop; tool calls depend on the build that was pulled',
      context: 131_072,
      capabilities: { tools: 'depends', structuredOutput: 'depends', vision: 'no' },
    }),
    model('ollama', 'llama3.1:70b', 'Llama 3.1 70B', {
      bestFor: 'Agent work on own hardware',
      context: 131_072,
      capabilities: { tools: 'depends', structuredOutput: 'depends', vision: 'no' },
    }),
  ],
};

/** Models that a cloud hosts under its own addresses and credentials. */
export const clouds: CatalogueData = {
  providers: [
    provider({
      slug: 'azure',
      name: 'Azure OpenAI',
      protocol: 'azure',
      baseUrl: null,
      credential: { ...bearer, header: 'api-key' },
      defaultModel: null,
      openModels: true,
      consoleUrl: 'https://portal.azure.com',
    }),
    provider({
      slug: 'bedrock',
      name: 'Amazon Bedrock',
      protocol: 'bedrock',
      baseUrl: null,
      credential: {
        kind: 'iam_or_bearer',
        required: true,
        header: null,
        fields: [
          { name: 'secret', label: 'Bedrock API key, or instead of it an IAM pair', required: false },
          { name: 'accessKeyId', label: 'Access key id', required: false },
          { name: 'secretAccessKey', label: 'Secret access key', required: false },
          { name: 'sessionToken', label: 'Session token', required: false },
        ],
      },
      defaultModel: null,
      openModels: true,
      supportsTools: 'depends',
      consoleUrl: 'https://console.aws.amazon.com/bedrock',
    }),
    provider({
      slug: 'vertex',
      name: 'Google Vertex AI',
      protocol: 'gemini',
      baseUrl: null,
      credential: {
        kind: 'service_account_or_key',
        required: true,
        header: null,
        fields: [{ name: 'secret', label: 'Service-account JSON or express key', required: true }],
      },
      defaultModel: 'gemini-2.5-flash',
      openModels: true,
      consoleUrl: 'https://console.cloud.google.com/vertex-ai',
    }),
  ],
  models: [
    model('vertex', 'gemini-2.5-flash', 'Gemini 2.5 Flash', {
      bestFor: 'Fast responses, good balance',
      context: 1_048_576,
      usd: [0.3, 2.5, 0.03],
    }),
  ],
};

/** The capabilities of a model that the catalogue doesn't know. */
export const UNKNOWN_CAPABILITIES = every('unknown');
