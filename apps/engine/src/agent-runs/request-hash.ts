import { sha256 } from '#lib/kernel';

/** A hash of what was asked for, blind to the order of fields: equal requests of one node execution have equal hashes. */
export function requestHash(body: unknown): Buffer {
  return sha256('claviger agent run 1\n', canonical(body));
}

/** A JSON value as text, blind to the order of fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
