import { ClavigerError } from '#lib/contracts';
import type { Scheme } from './allow-list.js';

/** A URL after WHATWG parsing, reduced to what the guard judges. */
export interface Target {
  scheme: Scheme;
  /** As the URL parser spells it, brackets of IPv6 removed: `2130706433` and `0x7f.1` are `127.0.0.1` by now. */
  host: string;
  port: number;
  /** `scheme://host:port`, the port always written out. */
  origin: string;
}

/**
 * Parses a URL that a tenant named.
 * @throws ClavigerError egress_blocked when it is no http(s) URL or carries a user name or password.
 */
export function parseTarget(url: string | URL): Target {
  const parsed = URL.parse(String(url));
  if (!parsed) throw blocked('This is not a whole URL. Enter one such as https://llm.example.com/v1.');
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw blocked(`URLs must start with https://; "${parsed.protocol}" is not allowed.`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw blocked('Leave user name and password out of the URL; enter the key as the secret.');
  }
  const scheme: Scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  const host = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '') throw blocked('The URL names no host.');
  const port = parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port);
  return { scheme, host, port, origin: `${scheme}://${parsed.hostname}:${port}` };
}

/** A refusal of the guard. `cause` goes to logs only. */
export function blocked(detail: string, cause?: unknown): ClavigerError {
  return new ClavigerError('egress_blocked', detail, { cause });
}
