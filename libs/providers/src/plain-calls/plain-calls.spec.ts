import { describe, expect, it } from '@jest/globals';
import { PlainCallReader, type Piece } from './plain-call-reader.js';

const KNOWN = new Set(['add']);
const CALL = '{"name":"add","arguments":{"a":1,"b":2}}';

/** What comes of a text that arrives in pieces of this length: texts joined, calls in their place. */
function read(text: string, length: number, fenced = true): (string | object)[] {
  const reader = new PlainCallReader(KNOWN, fenced);
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at += length) pieces.push(...reader.push(text.slice(at, at + length)));
  pieces.push(...reader.end());
  const joined: (string | object)[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if ('call' in piece) joined.push(piece.call);
    else if (typeof last === 'string') joined[joined.length - 1] = last + piece.text;
    else joined.push(piece.text);
  }
  return joined;
}

const call = { name: 'add', input: { a: 1, b: 2 } };

describe.each([1, 3, 7, 10_000])(
  '#35 calls that a model wrote as text, %d characters at a time',
  (length) => {
    it.each<[string, (string | object)[]]>([
      [`<tool_call>${CALL}</tool_call>`, [call]],
      [`<tool_call>\n${CALL}\n</tool_call>`, [call]],
      [`<tool_call>${CALL}`, [call]],
      [`Let me see.\n<tool_call>${CALL}</tool_call>`, ['Let me see.\n', call]],
      [`<tool_call>${CALL}</tool_call>\n<tool_call>${CALL}</tool_call>`, [call, '\n', call]],
      ['```json\n' + CALL + '\n```', [call]],
      ['Sure:\n```\n' + CALL + '\n```\nDone.', ['Sure:\n', call, '\nDone.']],
      [CALL, [call]],
      ['  ' + CALL.replace('arguments', 'parameters'), [call]],
      ['{"name":"add","arguments":"{\\"a\\":1,\\"b\\":2}"}', [call]],
    ])('%j is one', (text, pieces) => {
      expect(read(text, length)).toEqual(pieces);
    });

    it.each([
      '<tool_call>{"name":"drop","arguments":{}}</tool_call>',
      '```json\n{"name":"drop","arguments":{}}\n```',
      '{"name":"add","age":7}',
      '{"name":"add","arguments":{},"more":1}',
      '<tool_call>not json</tool_call>',
      '```python\nadd({"name":"add","arguments":{}})\n```',
      'One ` two `` three < four <tool five.',
      '```json\n{"name": "add"',
      `It is {"name":"add"} or ${CALL} in a sentence.`,
    ])('%j is none, and not a character of it is lost', (text) => {
      expect(read(text, length)).toEqual([text]);
    });

    it('where the answer is asked for as JSON, a tag alone makes a call', () => {
      expect(read(CALL, length, false)).toEqual([CALL]);
      expect(read('```json\n' + CALL + '\n```', length, false)).toEqual(['```json\n' + CALL + '\n```']);
      expect(read(`<tool_call>${CALL}</tool_call>`, length, false)).toEqual([call]);
    });
  },
);

describe('what may be no call', () => {
  it('is shown as it comes, code too', () => {
    const reader = new PlainCallReader(KNOWN, true);
    expect(reader.push('Prose passes. ')).toEqual([{ text: 'Prose passes. ' }]);
    expect(reader.push('```python\nprint(1)')).toEqual([{ text: '```' }, { text: 'python\nprint(1)' }]);
  });

  it('is let go when it is longer than any call', () => {
    const reader = new PlainCallReader(KNOWN, true);
    const long = `{"name":"add","arguments":{"a":"${'x'.repeat(70_000)}`;
    expect(reader.push(long)).toEqual([{ text: long }]);
  });
});
