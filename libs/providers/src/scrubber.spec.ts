import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REDACTED, Scrubber } from './scrubber.js';

const KEY = 'sk-ant-api03-a/b+c=d&e"f\\g<h>-9f2c';
const scrubber = new Scrubber([KEY]);
const bytes = Buffer.from(KEY);
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/** The key as an upstream may echo it. */
const forms: [string, string][] = [
  ['raw', KEY],
  ['JSON-escaped', JSON.stringify(KEY).slice(1, -1)],
  ['JSON in JSON', JSON.stringify(JSON.stringify(KEY)).slice(3, -3)],
  ['JSON with escaped slashes', JSON.stringify(KEY).slice(1, -1).replaceAll('/', '\\/')],
  ['percent-encoded', encodeURIComponent(KEY)],
  ['percent-encoded, lower case', encodeURIComponent(KEY).replace(/%../g, (escape) => escape.toLowerCase())],
  ['every byte percent-encoded', [...bytes].map((byte) => `%${hex(byte)}`).join('')],
  ['base64', bytes.toString('base64')],
  ['base64url', bytes.toString('base64url')],
  [
    'HTML-escaped',
    KEY.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ],
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

  it('waits for the longer of two secrets of which one begins the other', () => {
    const two = new Scrubber(['abcdef-123456', 'abcdef-123456-tail-of-the-longer']);
    const stream = two.stream();
    const shown = [...'<abcdef-123456-tail-of-the-longer> <abcdef-123456-tail>'].map((char) =>
      stream.push(char),
    );
    expect(shown.join('') + stream.flush()).toBe(`<${REDACTED}> <${REDACTED}-tail>`);
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
