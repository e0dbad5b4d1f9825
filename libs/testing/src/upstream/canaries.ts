/** Variables whose value is a secret; each vendor's SDK reads at least one of them. */
const SECRETS = [
  'OPENAI_API_KEY',
  'OPENAI_ORG_ID',
  'OPENAI_ORGANIZATION',
  'OPENAI_PROJECT_ID',
  'OPENAI_ADMIN_KEY',
  'OPENAI_WEBHOOK_SECRET',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_CUSTOM_HEADERS',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GROQ_API_KEY',
  'OPENROUTER_API_KEY',
  'XAI_API_KEY',
  'MISTRAL_API_KEY',
  'DEEPSEEK_API_KEY',
  'AZURE_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'AZURE_RESOURCE_NAME',
  'AZURE_CLIENT_SECRET',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_REGION',
  'AWS_PROFILE',
  'AI_GATEWAY_API_KEY',
];

/** Variables whose value is an address that a client might follow. */
const ADDRESSES = [
  'OPENAI_BASE_URL',
  'OPENAI_API_BASE',
  'ANTHROPIC_BASE_URL',
  'GOOGLE_GEMINI_BASE_URL',
  'AZURE_OPENAI_ENDPOINT',
  'AI_GATEWAY_BASE_URL',
  'OLLAMA_HOST',
  'OLLAMA_BASE_URL',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_BEDROCK_RUNTIME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
];

const MARK = 'canary-4f1d9c';

/**
 * An environment in which every variable that a vendor's SDK might read holds a canary (CATALOG.md, last paragraph).
 * @param sink where the variables that hold addresses point: nothing may ever arrive there.
 */
export function canaryEnvironment(sink: string): Record<string, string> {
  const secrets = SECRETS.map((name): [string, string] => [
    name,
    `${MARK}-${name.toLowerCase().replaceAll('_', '-')}`,
  ]);
  const addresses = ADDRESSES.map((name): [string, string] => [name, sink]);
  return Object.fromEntries([...secrets, ...addresses]);
}

/** Which canaries a text holds; empty when none does. */
export function canariesIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(`${MARK}-[a-z-]+`, 'g')) ?? [])];
}
