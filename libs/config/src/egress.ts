import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { choice, fault } from './fields.js';

/** What is written into a CONNECT: the address that the guard judged, or the name, for proxies that filter by name. */
export const PROXY_TARGETS = ['address', 'name'] as const;

/** The operator's forward proxy for tenants' calls (ADR 0013). */
export interface EgressProxyConfig {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  connectBy: (typeof PROXY_TARGETS)[number];
  /** The value of `proxy-authorization`, or null. A function, so that no log line or dump of the settings shows it. */
  authorization: () => string | null;
}

/** The operator's way out for tenants' calls. */
export interface WayOutConfig {
  /** Null: calls go straight. */
  egressProxy: EgressProxyConfig | null;
  /** Certificates (PEM) that are trusted besides the usual roots. */
  egressCa: string[];
}

const proxyUrl = z
  .string()
  .refine(
    isProxyUrl,
    fault(
      'is not the URL of a forward proxy',
      'Write it like http://proxy.example.com:3128, with percent-encoded credentials before the host where it wants some, and nothing after the port.',
    ),
  );

const NO_CERTIFICATES = fault(
  'names a file that is no bundle of certificates',
  'Give a PEM file of BEGIN CERTIFICATE blocks, each of which parses.',
);
const PRIVATE_KEY = fault('names a file that holds a private key', 'Give a PEM file with certificates only.');
const UNREADABLE = fault(
  'names a file that cannot be read',
  'Give a path that exists and that this process may read.',
);

const certificates = z.string().transform((path, context) => {
  const found = readBundle(path);
  if (Array.isArray(found)) return found;
  context.issues.push({ code: 'custom', message: found, input: path });
  return z.NEVER;
});

export const wayOutFields = {
  CLAVIGER_EGRESS_PROXY: proxyUrl.optional(),
  CLAVIGER_EGRESS_PROXY_CONNECT: choice(PROXY_TARGETS, 'address'),
  CLAVIGER_EGRESS_CA_FILE: certificates.optional(),
};

export function wayOut(values: z.output<z.ZodObject<typeof wayOutFields>>): WayOutConfig {
  const url = values.CLAVIGER_EGRESS_PROXY;
  return {
    egressProxy: url ? proxyOf(new URL(url), values.CLAVIGER_EGRESS_PROXY_CONNECT) : null,
    egressCa: values.CLAVIGER_EGRESS_CA_FILE ?? [],
  };
}

function proxyOf(url: URL, connectBy: EgressProxyConfig['connectBy']): EgressProxyConfig {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (scheme === 'https' ? 443 : 80),
    connectBy,
    authorization: () => (username === '' && password === '' ? null : basic),
  };
}

function isProxyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  if (!['http:', 'https:'].includes(protocol) || hostname === '') return false;
  return pathname === '/' && search === '' && hash === '' && [username, password].every(isPercentEncoded);
}

function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

/** The certificates of a PEM file, or what is wrong with it. */
function readBundle(path: string): string[] | string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return UNREADABLE;
  }
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return PRIVATE_KEY;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every(isCertificate) ? blocks : NO_CERTIFICATES;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
