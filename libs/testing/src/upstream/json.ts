export type Json = Record<string, unknown>;

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function arrayOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => textOf(objectOf(part)['text'] ?? '')).join('');
  return '';
}

/** The text of an answer's input, as the wires send tool arguments: JSON, or raw text to fake a malformed call. */
export function argumentText(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}
