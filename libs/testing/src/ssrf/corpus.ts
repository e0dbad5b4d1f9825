import { IPV4_NUMBERS, PRIVATE_IPV4 } from './ipv4-hosts.js';
import { IPV4_INSIDE_IPV6, IPV6_FORMS, METADATA_HOSTS } from './ipv6-hosts.js';
import { SPELLED_NAMES, SSRF_NAMES } from './names.js';
import { SSRF_SHAPES } from './shapes.js';
import type { SpelledHost, SsrfUrl } from './types.js';
import { UNICODE_HOSTS } from './unicode-hosts.js';

/** Every URL of the corpus, by category. */
export const SSRF_CORPUS: readonly SsrfUrl[] = [
  ...hosts('IPv4 in number forms', IPV4_NUMBERS),
  ...hosts('private and reserved IPv4', PRIVATE_IPV4),
  ...hosts('metadata services', METADATA_HOSTS),
  ...hosts('IPv6 forms', IPV6_FORMS),
  ...hosts('IPv4 inside IPv6', IPV4_INSIDE_IPV6),
  ...hosts('Unicode digits and dots', UNICODE_HOSTS),
  ...SPELLED_NAMES.map((name) => ({
    category: 'names',
    template: `{s}://${name}{p}/`,
    means: addressesOf(new URL(`http://${name}/`).hostname).join('|'),
  })),
  ...SSRF_SHAPES.map(([template, means]) => ({ category: 'URL shapes', template, means })),
];

/** The URL as text: `https` on its own port when `port` is left out, so that nothing but the address is wrong with it. */
export function ssrfUrl({ template }: SsrfUrl, scheme: 'http' | 'https' = 'https', port?: number): string {
  return template
    .replaceAll('{s}', scheme)
    .replaceAll('{S}', scheme.toUpperCase())
    .replaceAll('{p}', port === undefined ? '' : `:${port}`);
}

/** The resolver that the corpus' names live in; others don't resolve. */
export async function ssrfResolver(host: string): Promise<string[]> {
  const found = addressesOf(host);
  if (found.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
  return [...found];
}

function addressesOf(host: string): readonly string[] {
  const name = host.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  return SSRF_NAMES[name] ?? [];
}

function hosts(category: string, list: readonly SpelledHost[]): SsrfUrl[] {
  return list.map(([host, means]) => ({ category, template: `{s}://${host}{p}/`, means }));
}
