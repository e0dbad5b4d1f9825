import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REDACTED, Scrubber } from './scrubber.js';

const KEY = 'sk-ant-api03-a/b+c=d&e"f\\g<h>-9f2c';
const scrubber = new Scrubber([KEY]);
const bytes = Buffer.from(KEY);
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const each = (spell: (code: number) => string) => [...KEY].map((char) => spell(char.charCodeAt(0))).join('');

/** The key as an upstream may echo it. */
const forms: [string, string][] = [
  ['raw', KEY],
  ['in capitals', KEY.toUpperCase()],
  ['in lower case', KEY.toLowerCase()],
  ['JSON-escaped', json(KEY)],
  ['JSON in JSON', json(json(KEY))],
  ['JSON in JSON in JSON', json(json(json(KEY)))],
  ['JSON with escaped slashes', json(KEY).replaceAll('/', '\\/')],
  ['every character as \\u', each((code) => `\\u00${hex(code)}`)],
  ['every character as \\u, in JSON', json(each((code) => `\\u00${hex(code).toUpperCase()}`))],
  [
    'every other character as \\u',
    [...KEY].map((c, at) => (at % 2 ? c : `\\u00${hex(c.charCodeAt(0))}`)).join(''),
  ],
  ['every character as \\x', each((code) => `\\x${hex(code)}`)],
  ['every character as \\u{}', each((code) => `\\u{${hex(code)}}`)],
  ['percent-encoded', encodeURIComponent(KEY)],
  ['percent-encoded, lower case', encodeURIComponent(KEY).replace(/%../g, (escape) => escape.toLowerCase())],
  ['percent-encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
  ['every byte percent-encoded', [...bytes].map((byte) => `%${hex(byte)}`).join('')],
  [
    'every byte percent-encoded, mixed case',
    [...bytes].map((b, at) => `%${at % 2 ? hex(b) : hex(b).toUpperCase()}`).join(''),
  ],
  ['base64', bytes.toString('base64')],
  ['base64url', bytes.toString('base64url')],
  ['base64, percent-encoded', encodeURIComponent(bytes.toString('base64'))],
  ['base64 in lines', bytes.toString('base64').replace(/.{20}/g, '$&\r\n')],
  ['hex', bytes.toString('hex')],
  ['hex in capitals', bytes.toString('hex').toUpperCase()],
  ['hex with colons', [...bytes].map(hex).join(':')],
  [
    'HTML-escaped',
    KEY.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ],
  ['HTML-escaped by number', each((code) => `&#${code};`)],
  ['HTML-escaped by number, hex', each((code) => `&#x${hex(code)};`)],
  ['HTML-escaped twice', each((code) => `&amp;#0${code};`)],
];

describe('E: the scrubber', () => {
  it.each(forms)('takes the key out: %s', (_name, form) => {
    expect(scrubber.text(`before ${form} after ${form}`)).toBe(`before ${REDACTED} after ${REDACTED}`);
  });

  it.each(forms)('takes the key out of a stream that is cut at every offset: %s', (_name, form) => {
    const text = `before ${form} after`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const stream = scrubber.stream();
      const shown = [stream.push(text.slice(0, cut)), stream.push(text.slice(cut)), stream.flush()];
      expect([cut, shown.join('')]).toEqual([cut, `before ${REDACTED} after`]);
    }
  });

  it.each(forms)('takes the key out of a stream of single characters: %s', (_name, form) => {
    const stream = scrubber.stream();
    const shown = [...`<${form}>`].map((char) => stream.push(char)).join('') + stream.flush();
    expect(shown).toBe(`<${REDACTED}>`);
  });

  it('takes out what base64 makes of the key inside a longer text, at each alignment', () => {
    for (const before of ['', 'u', 'us', 'user:', 'Bearer ']) {
      const shown = scrubber.text(Buffer.from(`${before}${KEY}`).toString('base64'));
      expect([before, shown]).toEqual([before, expect.stringContaining(REDACTED)]);
      const left = Buffer.from(shown.replace(REDACTED, ''), 'base64').toString('latin1');
      expect(left).not.toMatch(/api03|9f2c/);
    }
  });

  it('control: without it every form is still there', () => {
    const none = new Scrubber([]);
    for (const [, form] of forms) expect(none.text(form)).toBe(form);
  });

  it('shows at once what cannot be the beginning of the key, and holds back no more than it must', () => {
    const stream = scrubber.stream();
    expect(stream.push('hello ')).toBe('hello ');
    expect(stream.push('sk-ant')).toBe('');
    expect(stream.push('hropology')).toBe('sk-anthropology');
    expect(stream.push('the end s')).toBe('the end ');
    expect(stream.flush()).toBe('s');
  });

  it('shows no sixteen characters of the key in a row, wherever it is cut off, and however', () => {
    for (let from = 0; from + 16 <= KEY.length; from += 1) {
      for (let to = from + 16; to <= KEY.length; to += 1) {
        const part = KEY.slice(from, to);
        const stream = scrubber.stream();
        const pieces = [...`<${part}>`].map((char) => stream.push(char)).join('') + stream.flush();
        for (const shown of [
          scrubber.text(`<${part}>`),
          pieces,
          scrubber.text(Buffer.from(`..${part}..`).toString('base64')),
        ]) {
          expect([from, to, shown]).toEqual([from, to, expect.stringContaining(REDACTED)]);
          const longest = longestOf(KEY, shown.replaceAll(REDACTED, ' '));
          expect([from, to, longest < 16]).toEqual([from, to, true]);
        }
      }
    }
  });

  it('leaves a vendor’s own mask readable, and the prefix that all its keys share', () => {
    const key = 'sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z';
    const mask = `Incorrect API key provided: ${key.slice(0, 11)}${'*'.repeat(20)}${key.slice(-4)}.`;
    expect(new Scrubber([key]).text(mask)).toBe(mask);
    const plain = 'Keys of Anthropic begin with sk-ant-api03- and a letter.';
    expect(scrubber.text(plain)).toBe(plain);
  });

  it('notices a key that goes on behind a place where the caller could not wait', () => {
    for (let cut = 1; cut < KEY.length; cut += 1) {
      const stream = scrubber.stream();
      const shown = [
        stream.push(KEY.slice(0, cut)),
        stream.flush(),
        stream.push(KEY.slice(cut)),
        stream.flush(),
      ];
      expect([cut, longestOf(KEY, shown.join('')) < 16]).toEqual([cut, true]);
      expect([cut, shown.join('').match(/\[redacted\]/g)]).toEqual([cut, ['[redacted]']]);
    }
  });

  it('waits for the longer of two secrets of which one begins the other', () => {
    const two = new Scrubber(['abcdef-123456', 'abcdef-123456-tail-of-the-longer']);
    const stream = two.stream();
    const shown = [...'<abcdef-123456-tail-of-the-longer> <abcdef-123456-t>'].map((char) =>
      stream.push(char),
    );
    expect(shown.join('') + stream.flush()).toBe(`<${REDACTED}> <${REDACTED}-t>`);
  });

  it('reaches into JSON values, member names included', () => {
    expect(scrubber.value({ a: [KEY, 1, null], [KEY]: { b: `x${KEY}` } })).toEqual({
      a: [REDACTED, 1, null],
      [REDACTED]: { b: `x${REDACTED}` },
    });
  });

  it('leaves text alone that has nothing to hide, and values too short to be secrets', () => {
    expect(new Scrubber(['abc', '']).text('abcabc')).toBe('abcabc');
    fc.assert(
      fc.property(fc.array(fc.string()), (chunks) => {
        const stream = scrubber.stream();
        expect(chunks.map((chunk) => stream.push(chunk)).join('') + stream.flush()).toBe(chunks.join(''));
      }),
    );
  });

  it('finds any key in any text, however it is cut', () => {
    const key = fc.string({ minLength: 12, maxLength: 40, unit: 'binary-ascii' });
    fc.assert(
      fc.property(
        key,
        fc.string(),
        fc.string(),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (secret, head, tail, cuts) => {
          const text = `${head}${secret}${tail}`;
          const places = [...cuts.filter((cut) => cut < text.length), 0, text.length].sort((a, b) => a - b);
          const stream = new Scrubber([secret]).stream();
          const pieces = places.slice(1).map((place, index) => stream.push(text.slice(places[index], place)));
          expect((pieces.join('') + stream.flush()).includes(secret)).toBe(false);
        },
      ),
    );
  });
});

/** The length of the longest part of `key` that `text` holds. */
function longestOf(key: string, text: string): number {
  for (let length = key.length; length > 0; length -= 1) {
    for (let at = 0; at + length <= key.length; at += 1)
      if (text.includes(key.slice(at, at + length))) return length;
  }
  return 0;
}
