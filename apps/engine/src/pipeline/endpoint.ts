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

/** How its requests leave. */
export interface WayOptions {
  guard: EgressGuard;
  orgId: string;
  /** The fence, asked right before headers are written. */
  beforeSend: () => void | Promise<void>;
  sent: SendState;
  /** Milliseconds until the answer must begin. */
  headerDeadlineMs: number;
  headers?: Record<string, string>;
}

export interface EndpointOptions extends WayOptions {
  signal: AbortSignal;
  now: Date;
  /** Told how many seconds each answer took to begin. */
  onAnswer?: (seconds: number) => void;
}

/** An endpoint for whoever makes its requests by itself. */
export type RelayEndpoint = Omit<CallEndpoint, 'fetch'>;

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
  const endpoint = relayEndpoint(assignment, provider, credential, options);
  const fetch = guardedFetch(endpoint.way);
  const cloud = await cloudOf(assignment, provider, credential, endpoint.way, options);
  return { ...endpoint, cloud, fetch: options.onAnswer ? timedFetch(fetch, options.onAnswer) : fetch };
}

/** The same for a call whose bytes are relayed: to a vendor that takes the key as it is. @throws ClavigerError no_provider_key */
export function relayEndpoint(
  assignment: StateAssignment,
  provider: ProviderRecord,
  { secret, secondSecret }: SealedCredential,
  { guard, orgId, beforeSend, headerDeadlineMs, sent, headers }: WayOptions,
): RelayEndpoint {
  const { secondHeader, allowedOrigins, ...place } = placeOf(assignment, provider);
  return {
    ...place,
    secret: secret || null,
    secondSecret: secondHeader && secondSecret ? { header: secondHeader, value: secondSecret } : undefined,
    headers,
    cloud: undefined,
    way: { guard, orgId, allowedOrigins, beforeSend, headerDeadlineMs, sendState: sent },
  };
}

interface Place extends Pick<ModelEndpoint, 'protocol' | 'provider' | 'baseUrl' | 'keyHeader'> {
  secondHeader: string | null;
  allowedOrigins: readonly string[];
  record: ProviderRecord;
}

/** A state never changes once it was read, nor does a record: what follows from both is found once. */
const places = new WeakMap<StateAssignment, Place>();

function placeOf(assignment: StateAssignment, provider: ProviderRecord): Omit<Place, 'record'> {
  let place = places.get(assignment);
  if (place?.record !== provider) places.set(assignment, (place = findPlace(assignment, provider)));
  const { protocol, baseUrl, keyHeader: header, secondHeader, allowedOrigins } = place;
  return { protocol, provider: provider.slug, baseUrl, keyHeader: header, secondHeader, allowedOrigins };
}

function findPlace(assignment: StateAssignment, record: ProviderRecord): Place {
  const protocol = protocolOf(record, assignment.config);
  const baseUrl = callBaseUrl(record, assignment.baseUrl, assignment.config);
  if (!baseUrl) throw notCallable(assignment, record);
  return {
    ...{ record, protocol, provider: record.slug, baseUrl, keyHeader: keyHeader(record, protocol) },
    secondHeader: secondSecretHeader(record, assignment.config),
    allowedOrigins:
      assignment.secretId === null
        ? originsFor(record, assignment.baseUrl, assignment.config)
        : assignment.origins,
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
