/**
 * A JSON value that Postgres takes as jsonb: NUL and lone surrogates, which models and tools may well send, become U+FFFD.
 * Without this the end of such a run could never be written.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [clean(name), storable(member)]));
}

function clean(text: string): string {
  // Encoding and decoding again replaces lone surrogates.
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\u0000', '\ufffd');
}
