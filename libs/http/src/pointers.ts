const MAX_SEGMENT = 100;

/** One step of a JSON pointer (RFC 6901 §4), cut to a readable length. */
export function segment(name: string): string {
  return name.slice(0, MAX_SEGMENT).replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
