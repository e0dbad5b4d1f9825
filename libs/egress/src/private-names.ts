import { isIP } from 'node:net';

/**
 * Endings that no public name has: RFC 6761 (localhost), 6762 (local), 8375 (home.arpa), what ICANN keeps free for private use
 * (internal), and what offices, machines and clusters use besides.
 */
const PRIVATE_ENDINGS = new Set([
  ...['localhost', 'local', 'localdomain', 'internal', 'intranet', 'private', 'lan', 'home', 'corp', 'svc'],
  'arpa',
]);

/** Names by which clouds serve their metadata, whatever they resolve to (Google's, and those that resolvers of AWS know). */
const METADATA_NAMES = new Set([
  ...['metadata', 'metadata.google.internal', 'metadata.goog'],
  ...['instance-data', 'instance-data.ec2.internal'],
]);

/**
 * Whether a host is a name of somebody's own network, told by the name alone: one label, or an ending of private use. DNS need not
 * know it here and may know it where the call is made, so it is judged by what it says and not by whether it resolves.
 */
export function isPrivateName(host: string): boolean {
  if (isIP(host) !== 0) return false;
  const labels = labelsOf(host);
  return labels.length < 2 || PRIVATE_ENDINGS.has(labels.at(-1) ?? '');
}

export function isMetadataName(host: string): boolean {
  return METADATA_NAMES.has(labelsOf(host).join('.'));
}

function labelsOf(host: string): string[] {
  return host
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
}
