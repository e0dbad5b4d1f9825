import { describe, expect, it } from '@jest/globals';
import { checker } from './json-schema.js';
import { withoutFences } from './without-fences.js';

/** What one tenant writes must not keep everybody's process: these took seconds to hours before. */
const within = (bound: number, what: () => unknown): unknown => {
  const began = performance.now();
  const came = what();
  expect(performance.now() - began).toBeLessThan(bound);
  return came;
};

describe('#35 what a model says is read in time that its length bounds', () => {
  it.each([
    { type: 'string', pattern: '^(a+)+$' },
    { type: 'object', patternProperties: { '^(a+)+$': { type: 'number' } } },
    { type: 'object', propertyNames: { pattern: '^(a+)+$' } },
    {
      type: 'object',
      properties: { pattern: { type: 'array', items: { type: 'string', pattern: '(a*)*b' } } },
    },
  ])('whatever pattern a schema brings: %j', (schema) => {
    const hostile = `${'a'.repeat(60)}!`;
    const value = schema.type === 'string' ? hostile : { [hostile]: 1, pattern: [hostile] };
    expect(within(1_000, () => checker(schema)?.(value))).toBeNull();
  });

  it('and all else of a schema still holds, a property of that name, too', () => {
    const check = checker({
      type: 'object',
      properties: { pattern: { type: 'number' } },
      required: ['pattern'],
    });
    expect([check?.({ pattern: 1 }), check?.({ pattern: 'a' }), check?.({})]).toEqual([
      null,
      expect.stringContaining('pattern'),
      expect.stringContaining('pattern'),
    ]);
  });

  it('however many blanks an answer has', () => {
    const text = `{${' '.repeat(1_000_000)}x`;
    expect(within(1_000, () => withoutFences(text))).toBe(text);
  });

  it.each([
    ['{"a":1}', '{"a":1}'],
    ['```json\n{"a":1}\n```\n', '{"a":1}'],
    ['  ```\n[1]```', '[1]'],
    ['```json', ''],
  ])('fences go: %j', (said, inner) => {
    expect(withoutFences(said)).toBe(inner);
  });
});
