import type { LanguageModel } from 'ai';
import { secretValues } from '#lib/catalog';
import type { WireProtocol } from '#lib/contracts';

/** A model object of the AI SDK; a bare model string would go to a hosted gateway, so it is kept out by type. */
export type CallableModel = Exclude<LanguageModel, string>;

/** What a cloud needs beside a URL and a key. */
export type CloudSettings =
  | {
      kind: 'azure';
      apiVersion: string;
      /** Model id → deployment; a model that is not in it is its own deployment's name. */
      deployments: Record<string, string>;
    }
  | { kind: 'bedrock'; region: string }
  | {
      kind: 'vertex';
      /** Minted for this run out of a service account; null for an express key. */
      accessToken: string | null;
    };

/** Where a call goes and what it carries; every client is made from this alone, never from the environment. */
export interface ModelEndpoint {
  protocol: WireProtocol;
  /** The provider's slug; `openai` itself gets OpenAI's own client, the others the compatible one. */
  provider: string;
  /** With the version path, without a trailing slash. */
  baseUrl: string;
  /** null only for a server that asks for no key. */
  secret: string | null;
  /** The header that carries the secret where it is another one than the wire's own. */
  keyHeader?: string | undefined;
  /** A second secret and the header that carries it (gateway and custom providers). */
  secondSecret?: { header: string; value: string } | undefined;
  /** Further headers, e.g. the run id. Never secrets. */
  headers?: Record<string, string> | undefined;
  /** Azure, Bedrock and Vertex only. */
  cloud?: CloudSettings | undefined;
  /** The guarded fetch: the only way out. */
  fetch: typeof fetch;
}

type Keyed = Pick<ModelEndpoint, 'secret' | 'secondSecret' | 'cloud'>;

/** Every secret value of the endpoint, whether it travels or signs: what the scrubber looks for. */
export function secretsOf({ secret, secondSecret, cloud }: Keyed): string[] {
  const minted = cloud?.kind === 'vertex' && cloud.accessToken !== null ? [cloud.accessToken] : [];
  return [
    ...(secret === null ? [] : secretValues(secret)),
    ...(secondSecret ? [secondSecret.value] : []),
    ...minted,
  ];
}

/** The header that carries the key on each wire; never the URL (CUSTODY §8). */
export function authHeaders(
  endpoint: Keyed & Pick<ModelEndpoint, 'protocol' | 'keyHeader'>,
): Record<string, string> {
  const { protocol, secret, secondSecret, cloud } = endpoint;
  const second = secondSecret ? { [secondSecret.header.toLowerCase()]: secondSecret.value } : {};
  if (cloud?.kind === 'vertex' && cloud.accessToken !== null)
    return { authorization: `Bearer ${cloud.accessToken}` };
  if (secret === null) return second;
  if (endpoint.keyHeader !== undefined)
    return { [endpoint.keyHeader]: secret, ...wireVersion(protocol), ...second };
  switch (protocol) {
    case 'openai':
    case 'bedrock':
      return { authorization: `Bearer ${secret}`, ...second };
    case 'azure':
      return { 'api-key': secret };
    case 'anthropic':
      return { 'x-api-key': secret, ...wireVersion(protocol), ...second };
    case 'gemini':
      return { 'x-goog-api-key': secret, ...second };
  }
}

function wireVersion(protocol: WireProtocol): Record<string, string> {
  return protocol === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {};
}
