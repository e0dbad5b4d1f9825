import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REDACTED, Scrubber } from '../scrubber.js';
import { Sieve } from './sieve.js';

const KEYS = [
  'sk-proj-Zm9vYmFy_nrt4711aA',
  'AIzaSyD-9tSrke72PouQMnMX-a7',
  'n0thing-but-16ch',
  'user:p4ss/word+x=',
];
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const hex = (key: string) => Buffer.from(key).toString('hex');
const base64 = (key: string) => Buffer.from(key).toString('base64');
const coded = (key: string, as: (code: string) => string) =>
  [...key].map((char) => as(char.charCodeAt(0).toString(16).padStart(2, '0'))).join('');

/** How an upstream may spell a key, each way harmless to nobody. */
const SPELLINGS: Record<string, (key: string) => string> = {
  'as it is': (key) => key,
  'in capitals': (key) => key.toUpperCase(),
  'behind an escaped backslash': (key) => json(`\\${key}`),
  'behind a line break': (key) => json(`\n${key}`),
  'as \\u': (key) => coded(key, (code) => `\\u00${code}`),
  'as \\x': (key) => coded(key, (code) => `\\x${code}`),
  'every byte percent-encoded': (key) => coded(key, (code) => `%${code}`),
  'as entities': (key) => coded(key, (code) => `&#x${code};`),
  'in hex': hex,
  'in hex with colons': (key) => coded(key, (code) => `${code}:`),
  'in hex with blanks, in capitals': (key) => coded(key, (code) => `${code} `).toUpperCase(),
  'in base64': base64,
  'in base64 of more': (key) => base64(`Bearer ${key}`),
  'in base64url of more': (key) => Buffer.from(`me:${key}`).toString('base64url'),
  'in base64 in lines': (key) => base64(key).replace(/.{7}/g, '$&\r\n'),
  'in base64 in lines in JSON': (key) => json(base64(key).replace(/.{7}/g, '$&\r\n')),
  'but for its end': (key) => key.slice(0, 16),
};
const WORDS = fc.string({ unit: fc.constantFrom(...'aeinrst -:"\\%&/+=\n019é'), maxLength: 60 });

describe('E: #22 the sieve before the scrubber', () => {
  it.each(Object.keys(SPELLINGS))(
    'lets no spelling pass, wherever it stands and however it is cut: %s',
    (how) => {
      const spell = SPELLINGS[how]!;
      fc.assert(
        fc.property(fc.constantFrom(...KEYS), WORDS, WORDS, fc.nat(), (key, before, after, place) => {
          const text = `${before} ${spell(key)} ${after}`;
          expect(Sieve.for([key])!.stream().mayHold(text)).toBe(true);
          const stream = new Scrubber([key]).stream();
          const cut = place % (text.length + 1);
          const shown = stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.flush();
          expect(shown).toContain(REDACTED);
          expect(shown).not.toContain(key.slice(0, 12));
        }),
        { numRuns: 120 },
      );
    },
  );

  it('passes what answers are made of, so that nothing is looked for in them', () => {
    const sieve = Sieve.for(KEYS)!;
    const said =
      'He said: "It’s 4% of \\u20ac1,000 — see https://example.com/a?b=c"\nThe sk is blue & the sun shines; id chatcmpl-9f8e7d6c.\t';
    for (const text of [said, json(said), JSON.stringify({ usage: { prompt_tokens: 12 }, said })])
      expect(sieve.stream().mayHold(`${text}.`.replaceAll(/& t/g, 'and t'))).toBe(false);
  });

  it('gives the same text as the finder alone, whatever it reads and however it is cut', () => {
    const key = KEYS[0]!;
    // A secret that it cannot tell keeps the sieve out.
    const alone = new Scrubber([key, 'not to be told: "\\"']);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(WORDS, fc.constantFrom(key, key.slice(0, 9), hex(key), json(`\n${key}`)))),
        (parts) => {
          const [one, other] = [new Scrubber([key]).stream(), alone.stream()];
          const shown = (stream: typeof one) =>
            parts.map((part) => stream.push(part)).join('') + stream.flush();
          expect(shown(one)).toBe(shown(other));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves secrets of other characters, and short ones, to the finder', () => {
    for (const secret of ['a "quoted" secret of a kind', 'short-one', 'ünicode-in-the-key-of-mine'])
      expect(Sieve.for([secret])).toBeUndefined();
    expect(Sieve.for(['', 'tiny'])!.stream().mayHold('tiny')).toBe(false);
  });
});
