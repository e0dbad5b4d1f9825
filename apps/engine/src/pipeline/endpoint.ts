import {
  bedrockRegion,
  callBaseUrl,
  keyHeader,
  originsFor,
  protocolOf,
  secondSecretHeader,
  serviceAccountOf,
  type ProviderRecord,
} from '#lib/catalog';
import { guardedFetch, SendState, type EgressGuard, type GuardedFetchOptions } from '#lib/egress';
import { ClavigerError, type SealedCredential, type StateAssignment } from '#lib/contracts';
import { mintAccessToken, type CloudSettings, type ModelEndpoint } from '#lib/providers';

/** An endpoint, and the guarded way to it for whoever relays bytes. */
export interface CallEndpoint extends ModelEndpoint {
  way: GuardedFetchOptions;
}

/** Azure's stable API version, for keys that name none. */
const AZURE_API_VERSION = '2024-10-21';

export interface EndpointOptions {
  guard: EgressGuard;
  orgId: string;
  /** The fence, asked right before headers are written. */
  beforeSend: () => void | Promise<void>;
  sent: SendState;
  /** Milliseconds until the answer must begin. */
  headerDeadlineMs: number;
  headers?: Record<string, string>;
  signal: AbortSignal;
  now: Date;
  /** Told how many seconds each answer took to begin. */
  onAnswer?: (seconds: number) => void;
}

/**
 * Where a key's calls go and what they carry: the key's own settings and the catalogue's record, never the environment. The fetch
 * reaches only the places that the secret was sealed for. A service account is exchanged for an access token here, for this
 * run alone. Throws no_provider_key, and what the exchange answers.
 */
export async function endpointFor(
  assignment: StateAssignment,
  provider: ProviderRecord,
  credential: SealedCredential,
  options: EndpointOptions,
): Promise<CallEndpoint> {
  const protocol = protocolOf(provider, assignment.config);
  const baseUrl = callBaseUrl(provider, assignment.baseUrl, assignment.config);
  if (!baseUrl) throw notCallable(assignment, provider);
  const header = secondSecretHeader(provider, assignment.config);
  const secondSecret =
    header && credential.secondSecret ? { header, value: credential.secondSecret } : undefined;
  const { guard, orgId, beforeSend, headerDeadlineMs } = options;
  const allowedOrigins =
    assignment.secretId === null
      ? originsFor(provider, assignment.baseUrl, assignment.config)
      : assignment.origins;
  const way: GuardedFetchOptions = { guard, orgId, allowedOrigins, beforeSend, headerDeadlineMs };
  const fetch = guardedFetch({ ...way, sendState: options.sent });
  return {
    way: { ...way, sendState: options.sent },
    protocol,
    provider: provider.slug,
    baseUrl,
    secret: credential.secret || null,
    keyHeader: keyHeader(provider, protocol),
    secondSecret,
    headers: options.headers,
    cloud: await cloudOf(assignment, provider, credential, way, options),
    fetch: options.onAnswer ? timedFetch(fetch, options.onAnswer) : fetch,
  };
}

function timedFetch(call: typeof fetch, onAnswer: (seconds: number) => void): typeof fetch {
  return async (...args) => {
    const start = performance.now();
    const answer = await call(...args);
    onAnswer((performance.now() - start) / 1_000);
    return answer;
  };
}

async function cloudOf(
  { config }: StateAssignment,
  provider: ProviderRecord,
  credential: SealedCredential,
  way: GuardedFetchOptions,
  { signal, now }: EndpointOptions,
): Promise<CloudSettings | undefined> {
  switch (provider.credential.kind) {
    case 'iam_or_bearer':
      return { kind: 'bedrock', region: bedrockRegion(config) };
    case 'service_account_or_key': {
      const account = serviceAccountOf(credential.secret);
      // What is sent for a token is no model call: it has a send state of its own.
      const fetch = guardedFetch({ ...way, sendState: new SendState() });
      return {
        kind: 'vertex',
        accessToken: account && (await mintAccessToken(account, { fetch, signal, now })),
      };
    }
    default:
      return provider.protocol === 'azure' ? azureSettings(config) : undefined;
  }
}

function azureSettings({ apiVersion, deployments }: Record<string, unknown>): CloudSettings {
  const named = typeof deployments === 'object' && deployments !== null ? Object.entries(deployments) : [];
  return {
    kind: 'azure',
    apiVersion: typeof apiVersion === 'string' ? apiVersion : AZURE_API_VERSION,
    deployments: Object.fromEntries(named.map(([model, name]) => [model, String(name)])),
  };
}

function notCallable(assignment: StateAssignment, provider: ProviderRecord): ClavigerError {
  const detail = `The key "${assignment.name}" has no base URL, and ${provider.name} needs one. An OWNER can enter it under Settings → AI Providers.`;
  return new ClavigerError('no_provider_key', detail, { extras: { provider: provider.slug } });
}
