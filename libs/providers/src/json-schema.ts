import { jsonSchema, type Schema } from 'ai';
import { fromJSONSchema } from 'zod';
import { withoutPatterns } from './without-patterns.js';

type JsonSchema = Record<string, unknown>;

/**
 * A checker for a JSON schema, or undefined when the schema uses what zod can't express; then the upstream's word is taken.
 * Patterns are left to the upstream. Answers the first fault as a sentence, or null when the value fits.
 */
export function checker(schema: JsonSchema): ((value: unknown) => string | null) | undefined {
  try {
    const parsed = fromJSONSchema(withoutPatterns(schema));
    return (value) => {
      const result = parsed.safeParse(value);
      if (result.success) return null;
      const issue = result.error.issues[0];
      return issue
        ? `${issue.path.join('.') || 'the value'}: ${issue.message}`
        : 'it does not fit the schema';
    };
  } catch {
    return undefined;
  }
}

/** The schema as the AI SDK takes it, with our own check behind it. */
export function sdkSchema(schema: JsonSchema): Schema<unknown> {
  const check = checker(schema);
  return jsonSchema<unknown>(schema, {
    validate: (value) => {
      const fault = check?.(value) ?? null;
      return fault === null ? { success: true, value } : { success: false, error: new Error(fault) };
    },
  });
}
