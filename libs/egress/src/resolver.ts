import { lookup } from 'node:dns/promises';

/** Every address of a host name, in the system's order. Rejects when the name doesn't resolve. */
export type Resolver = (hostname: string) => Promise<string[]>;

/** The system's resolver (getaddrinfo): the same one that connecting by name would have asked. */
export const systemResolver: Resolver = async (hostname) => {
  // RFC 6761 §6.3: names under localhost are loopback, whatever a resolver says.
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map((entry) => entry.address);
};
