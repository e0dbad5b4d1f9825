import type { WireProtocol } from '#lib/contracts';
import type { ProviderRecord } from './types.js';

/**
 * Where a key's calls go, without a trailing slash and with the version path, or null when the key must name it and didn't.
 * Bedrock's and Vertex' addresses follow from `config.region`, `config.project` and `config.location`.
 */
export function callBaseUrl(
  provider: ProviderRecord,
  baseUrl: string | null,
  config: Record<string, unknown> = {},
): string | null {
  const base = (baseUrl ?? provider.baseUrl ?? cloudBase(provider, config))?.replace(/\/+$/, '');
  if (!base) return null;
  const path = provider.callPath + cloudPath(provider, config);
  return path && !base.endsWith(path) ? base + path : base;
}

/** The region whose Bedrock is called, and for which requests are signed. */
export function bedrockRegion(config: Record<string, unknown>): string {
  return text(config['region']) ?? 'us-east-1';
}

function cloudBase(provider: ProviderRecord, config: Record<string, unknown>): string | null {
  switch (provider.credential.kind) {
    case 'iam_or_bearer':
      return `https://bedrock-runtime.${bedrockRegion(config)}.amazonaws.com`;
    case 'service_account_or_key': {
      const location = vertexLocation(config);
      const isGlobal = location === 'global' || text(config['project']) === null;
      return `https://${isGlobal ? '' : `${location}-`}aiplatform.googleapis.com/v1`;
    }
    default:
      return null;
  }
}

/** Within a project a service account calls; an express key calls without one. */
function cloudPath(provider: ProviderRecord, config: Record<string, unknown>): string {
  if (provider.credential.kind !== 'service_account_or_key') return '';
  const project = text(config['project']);
  const within = project === null ? '' : `/projects/${project}/locations/${vertexLocation(config)}`;
  return `${within}/publishers/google`;
}

function vertexLocation(config: Record<string, unknown>): string {
  return text(config['location']) ?? 'us-central1';
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The wire that a key speaks: the provider's, or what `config.protocol` chose where the provider leaves a choice. */
export function protocolOf(provider: ProviderRecord, config: Record<string, unknown>): WireProtocol {
  return provider.protocolChoices.find((choice) => choice === config['protocol']) ?? provider.protocol;
}

/** The header that each wire carries a key in. */
export const WIRE_HEADER: Record<WireProtocol, string> = {
  openai: 'authorization',
  anthropic: 'x-api-key',
  gemini: 'x-goog-api-key',
  azure: 'api-key',
  bedrock: 'authorization',
};

/** The header that carries the key where an operator's record names another one than its wire has; else undefined. */
export function keyHeader(provider: ProviderRecord, protocol: WireProtocol): string | undefined {
  const { header } = provider.credential;
  if (header === null || !provider.isOperatorMade || protocol === 'azure' || protocol === 'bedrock')
    return undefined;
  return header === WIRE_HEADER[protocol] ? undefined : header;
}

/** The header of the second secret; only providers whose credential has one send it. */
export function secondSecretHeader(provider: ProviderRecord, config: Record<string, unknown>): string | null {
  if (provider.credential.kind !== 'key_and_second') return null;
  const header = config['secondSecretHeader'];
  return typeof header === 'string' && header !== '' ? header.toLowerCase() : 'x-api-secret';
}

/**
 * The places where the secret of such a key may be sent: sorted `scheme://host:port`, the port always written out.
 * They are sealed with the secret (CUSTODY §1), so a changed base URL outside of them needs the secret again.
 * Empty when there is no URL or none that parses.
 */
export function originsFor(
  provider: ProviderRecord,
  baseUrl: string | null,
  config: Record<string, unknown> = {},
): string[] {
  const base = callBaseUrl(provider, baseUrl, config);
  const origin = base === null ? null : originOf(base);
  return origin === null ? [] : [origin];
}

/** `scheme://host:port` of a URL with the port always written out, or null when it isn't one of http or https. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}
