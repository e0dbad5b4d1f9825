import { isObject } from '../body/json-walk.js';

/** Google's schemas are OpenAPI's with types in capitals; JSON Schema writes them small, and `nullable` as a second type. */
export function jsonSchemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf);
  if (!isObject(schema)) return schema;
  const { nullable, ...rest } = schema;
  const entries = Object.entries(rest).map(([name, value]): [string, unknown] => {
    if (name === 'type' && typeof value === 'string') {
      const type = value.toLowerCase();
      return [name, nullable === true ? [type, 'null'] : type];
    }
    if (name === 'properties' && isObject(value))
      return [
        name,
        Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonSchemaOf(inner)])),
      ];
    return [name, ['items', 'anyOf', 'prefixItems'].includes(name) ? jsonSchemaOf(value) : value];
  });
  return Object.fromEntries(entries);
}
