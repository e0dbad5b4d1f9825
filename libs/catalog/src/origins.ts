import type { WireProtocol } from '#lib/contracts';
import type { ProviderRecord } from './types.js';

/** Where a key's calls go, without a trailing slash and with the version path, or null when the key must name it and didn't. */
export function callBaseUrl(provider: ProviderRecord, baseUrl: string | null): string | null {
  const base = (baseUrl ?? provider.baseUrl)?.replace(/\/+$/, '');
  if (!base) return null;
  return provider.callPath && !base.endsWith(provider.callPath) ? base + provider.callPath : base;
}

/** The wire that a key speaks: the provider's, or what `config.protocol` chose where the provider leaves a choice. */
export function protocolOf(provider: ProviderRecord, config: Record<string, unknown>): WireProtocol {
  return provider.protocolChoices.find((choice) => choice === config['protocol']) ?? provider.protocol;
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
  _config: Record<string, unknown> = {},
): string[] {
  const base = callBaseUrl(provider, baseUrl);
  const origin = base === null ? null : originOf(base);
  return origin === null ? [] : [origin];
}

/** `scheme://host:port` of a URL with the port always written out, or null when it isn't one of http or https. */
function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return null;
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}
