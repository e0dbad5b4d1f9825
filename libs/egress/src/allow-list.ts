import ipaddr from 'ipaddr.js';
import { type Address, isMetadata, parseAddress, within } from './addresses.js';

export type Scheme = 'http' | 'https';

/** One place that tenants may reach though it is private, plain http or on another port. */
export interface AllowEntry {
  /** As the operator wrote it. */
  text: string;
  scheme: Scheme;
  cidr: [Address, number];
  port: number;
  /** The one organization that it is for; null means every organization. */
  orgId: string | null;
}

const FORM = /^(https?):\/\/(\[[0-9a-fA-F:.]+\]|[0-9.]+)(?:\/(\d{1,3}))?:(\d{1,5})(?:@(org_[0-9a-z]{26}))?$/;

/**
 * Parses `CLAVIGER_EGRESS_ALLOW`: entries `scheme://CIDR:port[@org_…]`, IPv6 in brackets, e.g.
 * `http://127.0.0.1/32:11434` or `http://[fd12::]/16:8000@org_…`. Blank entries are passed over.
 * @throws RangeError that lists every faulty entry with its mend.
 */
export function parseEgressAllow(raw: readonly string[]): AllowEntry[] {
  const faults: string[] = [];
  const entries: AllowEntry[] = [];
  for (const text of raw.map((entry) => entry.trim()).filter((entry) => entry !== '')) {
    const parsed = parseEntry(text);
    if (typeof parsed === 'string') faults.push(`"${text}": ${parsed}`);
    else entries.push(parsed);
  }
  if (faults.length > 0) throw new RangeError(`${faults.join('; ')}`);
  return entries;
}

/** Whether the operator listed this address, scheme and port for this organization. Metadata never counts as listed. */
export function isListed(
  entries: readonly AllowEntry[],
  target: { scheme: Scheme; port: number },
  address: Address,
  orgId: string,
): boolean {
  if (isMetadata(address)) return false;
  return entries.some(
    (entry) =>
      entry.scheme === target.scheme &&
      entry.port === target.port &&
      (entry.orgId === null || entry.orgId === orgId) &&
      within(address, entry.cidr),
  );
}

function parseEntry(text: string): AllowEntry | string {
  const match = FORM.exec(text);
  if (!match) return 'write scheme://CIDR:port, e.g. http://127.0.0.1/32:11434 (an address, not a name)';
  const [, scheme, host, bits, port, orgId] = match;
  const address = parseAddress(host!);
  if (!address) return `${host} is not an IP address`;
  const widest = address instanceof ipaddr.IPv4 ? 32 : 128;
  const prefix = bits === undefined ? widest : Number(bits);
  if (prefix > widest) return `a prefix of ${prefix} bits is longer than the address`;
  if (Number(port) < 1 || Number(port) > 65_535) return 'the port must be 1 to 65535';
  if (isMetadata(address)) return 'metadata and link-local addresses can never be listed';
  return {
    text,
    scheme: scheme as Scheme,
    cidr: [address, prefix],
    port: Number(port),
    orgId: orgId ?? null,
  };
}
