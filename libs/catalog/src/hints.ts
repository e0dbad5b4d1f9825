import { vendorOfSecret } from './credentials.js';
import type { Catalogue, ProviderRecord } from './types.js';

export interface KeyHint {
  /** RFC 6901 pointer to the field that the hint is about. */
  pointer: string;
  detail: string;
}

export interface KeyHintInput {
  provider: ProviderRecord;
  baseUrl?: string | null | undefined;
  secret?: string | null | undefined;
  secondSecret?: string | null | undefined;
}

/**
 * What looks wrong about a key before any call is made (CATALOG.md, hints at save). Advice, not refusal: each hint names
 * the field and the mend; none quotes the secret.
 */
export function hintsForKey(input: KeyHintInput, catalogue: Pick<Catalogue, 'provider'>): KeyHint[] {
  return [
    ...secretHints(input, catalogue),
    ...blankHints('/secondSecret', input.secondSecret),
    ...baseUrlHints(input.provider, input.baseUrl),
  ];
}

/** What to do about an Ollama model that the server doesn't have. */
export function ollamaPullHint(model: string): string {
  return `Ollama has no model "${model}" yet. On the machine that runs it: ollama pull ${model}`;
}

/** Whether a host is this machine or a private network by its spelling alone; names are not resolved. */
function looksLocal(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host.endsWith('.internal') ||
    host === 'host.docker.internal' ||
    /^(127|10|0)\./.test(host) ||
    /^192\.168\./.test(host) ||
    /^172\.(1[6-9]|2\d|3[01])\./.test(host) ||
    host === '::1' ||
    /^f[cd][0-9a-f]{2}:/.test(host)
  );
}

function secretHints(input: KeyHintInput, catalogue: Pick<Catalogue, 'provider'>): KeyHint[] {
  const { provider, secret } = input;
  if (!secret) return [];
  const hints = blankHints('/secret', secret);
  const vendor = vendorOfSecret(secret.trim());
  const ownUrl = input.baseUrl !== undefined && input.baseUrl !== null && input.baseUrl !== provider.baseUrl;
  if (vendor && vendor !== provider.slug && !provider.protocolChoices.length && !ownUrl) {
    const name = catalogue.provider(vendor)?.name ?? vendor;
    const detail = `This looks like a key of ${name}, not of ${provider.name}. Choose provider "${vendor}" or enter a key of ${provider.name}.`;
    hints.push({ pointer: '/secret', detail });
  } else if (!vendor && provider.keyPrefixes.length > 0 && !ownUrl && !startsAs(provider, secret.trim())) {
    const detail = `${provider.name} keys usually start with ${provider.keyPrefixes.join(' or ')}. Check that all of it was copied.`;
    hints.push({ pointer: '/secret', detail });
  }
  return hints;
}

function startsAs(provider: ProviderRecord, secret: string): boolean {
  return provider.keyPrefixes.some((prefix) => secret.startsWith(prefix));
}

function blankHints(pointer: string, secret: string | null | undefined): KeyHint[] {
  if (!secret || secret === secret.trim()) return [];
  return [
    {
      pointer,
      detail:
        'There are blanks or line breaks around it, as of a copy that took too much. They are kept, and cut off on the way to the provider: enter it without them.',
    },
  ];
}

function baseUrlHints(provider: ProviderRecord, baseUrl: string | null | undefined): KeyHint[] {
  if (!baseUrl || !URL.canParse(baseUrl)) return [];
  const hints: KeyHint[] = [];
  const url = new URL(baseUrl);
  const say = (detail: string) => hints.push({ pointer: '/baseUrl', detail });
  if (baseUrl !== baseUrl.trim()) say('There are blanks around the base URL. Remove them.');
  const local = looksLocal(baseUrl);
  if (url.protocol === 'http:' && !local)
    say('https is expected: over http the key would travel unencrypted.');
  const path = url.pathname.replace(/\/+$/, '');
  const version = provider.versionPath;
  if (version && path !== version && !/\/v\d+[a-z0-9]*(\/|$)/.test(path)) {
    say(`The base URL usually ends with ${version}: "${url.origin}${path}${version}".`);
  }
  if (/\/(chat\/completions|messages|models)$/.test(path)) {
    say('The base URL must not name an operation: leave out what follows the version.');
  }
  if (local) {
    say(
      'This address is local. Calls reach it only when the platform operator lists it in CLAVIGER_EGRESS_ALLOW.',
    );
  }
  return hints;
}
