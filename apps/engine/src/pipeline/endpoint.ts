import { callBaseUrl, originsFor, protocolOf, secondSecretHeader, type ProviderRecord } from '#lib/catalog';
import { guardedFetch, type EgressGuard, type SendState } from '#lib/egress';
import { ClavigerError, type SealedCredential, type StateAssignment } from '#lib/contracts';
import { CALLABLE_PROTOCOLS, type ModelEndpoint } from '#lib/providers';

export interface EndpointOptions {
  guard: EgressGuard;
  orgId: string;
  /** The fence, asked right before headers are written. */
  beforeSend: () => void | Promise<void>;
  sent: SendState;
  /** Milliseconds until the answer must begin. */
  headerDeadlineMs: number;
  headers?: Record<string, string>;
  /** Told how many seconds each answer took to begin. */
  onAnswer?: (seconds: number) => void;
}

/**
 * Where a key's calls go and what they carry: the key's own settings and the catalogue's record, never the environment. The fetch
 * reaches only the places that the secret was sealed for.
 */
export function endpointFor(
  assignment: StateAssignment,
  provider: ProviderRecord,
  credential: SealedCredential,
  options: EndpointOptions,
): ModelEndpoint {
  const wire = protocolOf(provider, assignment.config);
  const protocol = CALLABLE_PROTOCOLS.find((known) => known === wire);
  const baseUrl = callBaseUrl(provider, assignment.baseUrl);
  if (!protocol || !baseUrl) throw notCallable(assignment, provider, baseUrl);
  const header = secondSecretHeader(provider, assignment.config);
  const secondSecret =
    header && credential.secondSecret ? { header, value: credential.secondSecret } : undefined;
  const fetch = guardedFetch({
    guard: options.guard,
    orgId: options.orgId,
    allowedOrigins:
      assignment.secretId === null
        ? originsFor(provider, assignment.baseUrl, assignment.config)
        : assignment.origins,
    beforeSend: options.beforeSend,
    sendState: options.sent,
    headerDeadlineMs: options.headerDeadlineMs,
  });
  return {
    protocol,
    provider: provider.slug,
    baseUrl,
    secret: credential.secret || null,
    secondSecret,
    headers: options.headers,
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

function notCallable(
  assignment: StateAssignment,
  provider: ProviderRecord,
  baseUrl: string | null,
): ClavigerError {
  const detail = baseUrl
    ? `This version cannot call ${provider.name} yet. Use a key of another provider.`
    : `The key "${assignment.name}" has no base URL, and ${provider.name} needs one. An OWNER can enter it under Settings → AI Providers.`;
  return new ClavigerError('no_provider_key', detail, { extras: { provider: provider.slug } });
}
