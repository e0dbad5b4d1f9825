/** The wires that this version can call. */
export const CALLABLE_PROTOCOLS = ['openai', 'anthropic', 'gemini'] as const;
export type CallableProtocol = (typeof CALLABLE_PROTOCOLS)[number];

/** Where a call goes and what it carries; every client is made from this alone, never from the environment. */
export interface ModelEndpoint {
  protocol: CallableProtocol;
  /** The provider's slug; `openai` itself gets OpenAI's own client, the others the compatible one. */
  provider: string;
  /** With the version path, without a trailing slash. */
  baseUrl: string;
  /** null only for a server that asks for no key. */
  secret: string | null;
  /** A second secret and the header that carries it (gateway and custom providers). */
  secondSecret?: { header: string; value: string } | undefined;
  /** Further headers, e.g. the run id. Never secrets. */
  headers?: Record<string, string> | undefined;
  /** The guarded fetch: the only way out. */
  fetch: typeof fetch;
}

/** Every secret value that travels with the endpoint: what the scrubber looks for. */
export function secretsOf(endpoint: ModelEndpoint): string[] {
  return [endpoint.secret, endpoint.secondSecret?.value].filter((value) => typeof value === 'string');
}

/** The header that carries the key on each wire; never the URL (CUSTODY §8). */
export function authHeaders(endpoint: ModelEndpoint): Record<string, string> {
  const { protocol, secret, secondSecret } = endpoint;
  const second = secondSecret ? { [secondSecret.header.toLowerCase()]: secondSecret.value } : {};
  if (secret === null) return second;
  switch (protocol) {
    case 'openai':
      return { authorization: `Bearer ${secret}`, ...second };
    case 'anthropic':
      return { 'x-api-key': secret, 'anthropic-version': '2023-06-01', ...second };
    case 'gemini':
      return { 'x-goog-api-key': secret, ...second };
  }
}
