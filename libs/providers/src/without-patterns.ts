import { isRecord } from './is-record.js';

const NAMES_FOLLOW = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
const LEFT_OUT = new Set(['pattern', 'patternProperties', 'propertyNames']);

/**
 * A JSON schema without its regular expressions. They would be run here, over what a model says and by an engine that goes back: whoever
 * writes both could keep the process, and everybody's calls in it, busy for hours. Vendors get the schema whole.
 */
export function withoutPatterns(schema: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(schema).filter(([keyword]) => !LEFT_OUT.has(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value]) => {
      if (NAMES_FOLLOW.has(keyword) && isRecord(value))
        return [
          keyword,
          Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inside(inner)])),
        ];
      return [keyword, inside(value)];
    }),
  );
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  return isRecord(value) ? withoutPatterns(value) : value;
}
