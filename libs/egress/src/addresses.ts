import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Instance-metadata and credential services of the clouds. Nothing a tenant names may reach them, whatever is listed.
 * Sources: the IMDS, ECS task and EKS pod-identity pages of AWS; Azure's WireServer; Google's, Alibaba's and Oracle's metadata pages.
 */
const METADATA = [
  '169.254.0.0/16', // all of link-local: AWS, GCP, Azure, OpenStack at .169.254, ECS at .170.2, EKS at .170.23
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fe80::/10',
].map((cidr) => ipaddr.parseCIDR(cidr));

const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/** Parses an address literal (brackets allowed); IPv4-mapped IPv6 comes out as IPv4. Undefined when it isn't one. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

/** `public`, or what kind of address it is that tenants may not reach (`loopback`, `private`, …). */
export function classify(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast' ? 'public' : address.range();
  const range = address.range();
  if (range === 'rfc6052' && isWellKnownNat64(address)) return classify(lastFour(address));
  if (range !== 'unicast') return range;
  const inner = embeddedV4(address);
  if (inner && classify(inner) !== 'public') return classify(inner);
  return within(address, GLOBAL_UNICAST_V6) ? 'public' : 'reserved';
}

/** Whether the address, or the IPv4 address hidden inside it, belongs to a cloud's metadata service. */
export function isMetadata(address: Address): boolean {
  const inner = address instanceof ipaddr.IPv6 ? embeddedV4(address) : undefined;
  return METADATA.some((cidr) => within(address, cidr) || (inner !== undefined && within(inner, cidr)));
}

/** The address itself, or the IPv4 address that a transition form carries: both lead to one place. */
export function innerAddress(address: Address): Address {
  return address instanceof ipaddr.IPv6 ? (embeddedV4(address) ?? address) : address;
}

/** Whether `address` lies in `cidr`; families never match each other. */
export function within(address: Address, cidr: [Address, number]): boolean {
  if (address instanceof ipaddr.IPv4)
    return cidr[0] instanceof ipaddr.IPv4 && address.match(cidr[0], cidr[1]);
  return cidr[0] instanceof ipaddr.IPv6 && address.match(cidr[0], cidr[1]);
}

/** The IPv4 address that a transition form carries: NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP (RFC 5214), IPv4-compatible. */
function embeddedV4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const parts = address.parts;
  const range = address.range();
  if (range === 'rfc6052' || range === 'rfc6145') return lastFour(address);
  if (range === '6to4') return fourOf(parts[1]!, parts[2]!);
  if ((parts[4] === 0 || parts[4] === 0x200) && parts[5] === 0x5efe) return lastFour(address);
  if (parts.slice(0, 6).every((part) => part === 0)) return lastFour(address);
  return undefined;
}

/** 64:ff9b::/96, where the last four bytes are the address; other prefixes of the range may hide it elsewhere. */
function isWellKnownNat64(address: ipaddr.IPv6): boolean {
  return address.match(ipaddr.IPv6.parse('64:ff9b::'), 96);
}

function lastFour(address: ipaddr.IPv6): ipaddr.IPv4 {
  return fourOf(address.parts[6]!, address.parts[7]!);
}

function fourOf(high: number, low: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}
