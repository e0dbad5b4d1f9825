function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type ParsedSchema =
  { schema: Record<string, unknown>; problem: null } | { schema: null; problem: string };

function refused(problem: string): ParsedSchema {
  return { schema: null, problem };
}

/**
 * Reads a JSON Schema as it is typed. Says what is wrong in words: no JSON, no object, or parts that no schema has. The engine
 * judges the whole of it again.
 * @param kind `input`: of a tool, which must describe an object; `answer`: of anything
 */
export function parseSchema(text: string, kind: 'input' | 'answer'): ParsedSchema {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    return refused(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(schema)) return refused('A schema is a JSON object, such as {"type": "object"}.');
  if (kind === 'input' && schema.type !== 'object')
    return refused('The schema of a tool’s input says "type": "object".');
  const { properties, required } = schema;
  if (properties !== undefined && !(isRecord(properties) && Object.values(properties).every(isRecord)))
    return refused('"properties" is an object with a schema for each name.');
  if (required === undefined) return { schema, problem: null };
  if (!Array.isArray(required) || !required.every((name) => typeof name === 'string'))
    return refused('"required" is a list of names.');
  const unknown = required.find((name) => !(isRecord(properties) && name in properties));
  return unknown === undefined
    ? { schema, problem: null }
    : refused(`"required" names "${unknown}", which is none of the properties.`);
}
