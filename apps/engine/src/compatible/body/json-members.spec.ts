import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonMembers } from './json-members.js';

const members = (text: string) => new JsonMembers(Buffer.from(text));

describe('the members of a body', () => {
  it('are what JSON.parse finds, whatever the values and the blanks', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(object, fc.constantFrom(0, 1, '\t', '\r\n  '), (value, blanks) => {
        const text = JSON.stringify(value, null, blanks);
        const found = members(text);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        expect([...found.names].sort()).toEqual(Object.keys(parsed).sort());
        for (const name of found.names) expect(found.value(name)).toEqual(parsed[name]);
      }),
    );
  });

  it.each([
    ['no object', '[1]'],
    ['a second value behind it', '{"model":"a"} {"model":"b"}'],
    ['a comment', '{"model":"a" /* , "model":"b" */}'],
    ['a comment deeper down', '{"a":[1 /*,2*/]}'],
    ['single quotes', `{'model':"a"}`],
    ['a bracket that closes another', '{"a":[1}]'],
    ['no end', '{"a":"b'],
    ['a comma too many', '{"a":1,}'],
    ['nothing', ''],
    ['no value', '{"a":}'],
    ['a name without end', '{"a'],
    ['a depth that no client has', `{"a":${'['.repeat(600)}${']'.repeat(600)}}`],
  ])('refuses %s', (_what, text) => {
    expect(() => members(text)).toThrow(expect.objectContaining({ code: 'malformed_request' }));
  });

  it('refuses a name that is there twice, also where one is written with escapes', () => {
    for (const twice of ['{"model":"a","model":"b"}', '{"model":"a","mod\\u0065l":"b"}'])
      expect(() => members(twice)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  it('sets members and leaves every other byte', () => {
    const text = '{ "b" : [1,  2], "model" :  "alias", "seed": 12345678901234567890 }';
    expect(
      members(text)
        .with({ model: 'gpt', x: { y: 1 }, z: true })
        .toString(),
    ).toBe('{"x":{"y":1},"z":true, "b" : [1,  2], "model" :  "gpt", "seed": 12345678901234567890 }');
    expect(members('{}').with({ a: 1, b: 2 }).toString()).toBe('{"a":1,"b":2}');
    expect(members(text).with({}).toString()).toBe(text);
  });
});
