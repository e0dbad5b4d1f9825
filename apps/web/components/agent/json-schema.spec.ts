import { describe, expect, it } from '@jest/globals';
import { parseSchema } from './json-schema';

describe('a JSON Schema as it is typed', () => {
  it('#33 #35 is taken whole, or refused with what is wrong', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    expect(parseSchema(JSON.stringify(schema), 'input')).toEqual({ schema, problem: null });
    expect(parseSchema('{"type": "array"}', 'answer').problem).toBeNull();
    for (const [text, problem] of [
      ['{"type": ', /no JSON/],
      ['[]', /JSON object/],
      ['{"type": "array"}', /"type": "object"/],
      ['{"type": "object", "properties": {"a": 1}}', /"properties"/],
      ['{"type": "object", "required": "a"}', /list of names/],
      ['{"type": "object", "required": ["a"]}', /names "a"/],
    ] as const)
      expect(parseSchema(text, 'input').problem).toMatch(problem);
  });
});
