export const PROVIDER_SLUGS = [
  'openai',
  'anthropic',
  'google',
  'xai',
  'groq',
  'openrouter',
  'ollama',
  'azure',
  'bedrock',
  'vertex',
  'mistral',
  'deepseek',
  'gateway',
  'custom',
] as const;

export const WIRE_PROTOCOLS = ['openai', 'anthropic', 'gemini', 'azure', 'bedrock'] as const;
export type WireProtocol = (typeof WIRE_PROTOCOLS)[number];

export const PROVIDER_KEY_STATUSES = ['configured', 'unconfigured', 'failing', 'disabled'] as const;
export type ProviderKeyStatus = (typeof PROVIDER_KEY_STATUSES)[number];

export const TEST_STATUSES = ['ok', 'auth_failed', 'model_failed', 'unreachable', 'error'] as const;
export type TestStatus = (typeof TEST_STATUSES)[number];

export type TestStepName = 'name' | 'tls' | 'auth' | 'model' | 'call';

export interface TestStep {
  name: TestStepName;
  ok: boolean;
  /** What was seen, and for a failed step the one next action. */
  detail: string;
}

/** The answer of a key's test, over the engine's real call path. A failing key is an answer, not an error (PRODUCT #19). */
export interface KeyTestResult {
  ok: boolean;
  status: TestStatus;
  latencyMs: number;
  steps: TestStep[];
  /** Sanitised; may quote the upstream, never the key. */
  message: string;
  upstreamRequestId: string | null;
  testedAt: string;
}

/** What is sealed for a provider key: named fields, so that one format serves every credential shape (CUSTODY §1). */
export interface SealedCredential {
  /** The API key, bearer token, IAM pair or service-account JSON as entered. */
  secret: string;
  /** The optional second secret of gateway and custom providers. */
  secondSecret?: string;
}
