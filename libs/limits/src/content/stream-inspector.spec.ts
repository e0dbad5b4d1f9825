import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { piiCorpus } from '#lib/testing';
import {
  compileRules,
  inspectText,
  StreamInspector,
  type CompiledRules,
  type ContentRule,
  type Finding,
} from './index.js';

function compiled(rules: ContentRule[]): CompiledRules {
  const ready = compileRules(rules);
  if ('faults' in ready) throw new Error(JSON.stringify(ready.faults));
  return ready;
}

const pii = (action: 'detect' | 'redact' | 'block'): ContentRule => ({ type: 'pii', on: 'both', action });
const pattern = (text: string, action: 'detect' | 'redact' | 'block' = 'redact'): ContentRule => ({
  type: 'pattern',
  pattern: text,
  on: 'both',
  action,
});

/** What a stream gives out, piece by piece, for a text cut at the positions. */
function streamed(
  rules: CompiledRules,
  text: string,
  cuts: number[],
): { pieces: string[]; inspector: StreamInspector } {
  const inspector = new StreamInspector(rules, 'output');
  const ends = [...new Set([...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
  const pieces = ends.map((end, index) => inspector.push(text.slice(ends[index - 1] ?? 0, end)));
  return { pieces: [...pieces, inspector.end()], inspector };
}

const inOrder = (findings: Finding[]): Finding[] =>
  [...findings].sort(
    (a, b) => a.start - b.start || a.ruleIndex - b.ruleIndex || a.kind.localeCompare(b.kind),
  );

const { positives, negatives } = piiCorpus(Date.now() % 4_294_967_296, 40);
const fragment = fc.oneof(
  fc.constantFrom(...positives.map(({ text }) => text)),
  fc.constantFrom(...negatives.map(({ text }) => text)),
  fc.string({ unit: fc.constantFrom(...'01234 567-89().+@:aZ \n/', '😀'), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'x', '\n'), maxLength: 30 }),
  fc.nat(200).map((times) => 'abcd'.repeat(times)),
);
const wholeText = fc
  .array(fc.tuple(fragment, fc.constantFrom('', ' ', ' ', '\n', ', ', '. ')), { maxLength: 12 })
  .map((parts) => parts.flat().join(''));
const cuts = fc.oneof(
  fc.array(fc.nat(900), { maxLength: 30 }),
  fc.integer({ min: 1, max: 9 }).map((step) => Array.from({ length: 900 }, (_, index) => (index + 1) * step)),
);

const RULE_SETS: [string, ContentRule[]][] = [
  ['personal data', [pii('redact')]],
  [
    'a pattern of bounded length',
    [pattern('\\bproj(?:ect)?[- ]?\\d{1,4}\\b'), pattern('ab{1,3}a?', 'redact')],
  ],
  ['a pattern without white space', [pattern('[a-z]+x+')]],
  ['a pattern within lines', [pattern('a.*b'), pattern('(?m)^\\s?x.*$')]],
  ['a pattern without bounds', [pattern('a[^x]*b|(?s)b.*z$')]],
  ['patterns that overlap one another on and on', [pattern('abc'), pattern('cda')]],
  [
    'all of them, some only detected',
    [pii('redact'), pattern('\\bab\\b'), pattern('b[^x]*a', 'detect'), pii('detect'), pattern('\\d+ ?[a-z]')],
  ],
];

describe('#46 #48 what a stream gives out is what the whole text would be', () => {
  it.each(RULE_SETS)('wherever it is cut: %s', (_, rules) => {
    const ready = compiled(rules);
    fc.assert(
      fc.property(wholeText, cuts, (text, at) => {
        const whole = inspectText(ready, text, 'output');
        const { pieces, inspector } = streamed(ready, text, at);
        expect(pieces.join('')).toBe(whole.text);
        expect(inOrder(inspector.findings)).toEqual(inOrder(whole.findings));
        expect(inspector.verdict).toBe(whole.verdict);
      }),
      { numRuns: 400 },
    );
  });

  it('unit by unit, for each value that the corpus has', () => {
    const ready = compiled([pii('redact')]);
    for (const { text } of positives) {
      const { pieces } = streamed(
        ready,
        text,
        [...text].map((_, index) => index + 1),
      );
      expect(pieces.join('')).toBe(inspectText(ready, text, 'output').text);
    }
  });

  it('where a rule blocks, nothing of the place or behind it is given out', () => {
    const ready = compiled([pii('block')]);
    fc.assert(
      fc.property(wholeText, cuts, (text, at) => {
        const whole = inspectText(ready, text, 'output');
        const { pieces, inspector } = streamed(ready, text, at);
        const first = Math.min(text.length, ...whole.findings.map(({ start }) => start));
        expect(text.slice(0, first).startsWith(pieces.join(''))).toBe(true);
        expect(inspector.verdict).toBe(whole.verdict);
        if (whole.verdict === 'pass') expect(pieces.join('')).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('never half a surrogate pair alone', () => {
    const inspector = new StreamInspector(compiled([pattern('qq')]), 'output');
    const pieces = [inspector.push('hi 😀x'), inspector.push(' 😀'), inspector.end()];
    expect(pieces).toEqual(['hi ', '😀x ', '😀']);
    for (const piece of pieces) expect(Buffer.from(piece, 'utf8').toString('utf8')).toBe(piece);
  });
});

describe('#48 a stream keeps back only what may still become a finding', () => {
  const prose = 'The quick brown fox jumps over the lazy dog and asks whether anybody saw it. ';

  it('prose is given out up to its last words; no built-in kind keeps back more than 512 units', () => {
    const ready = compiled([pii('redact')]);
    const keptBack = (text: string): number => {
      const inspector = new StreamInspector(ready, 'output');
      let given = 0;
      let most = 0;
      for (const [index, unit] of text.split('').entries()) {
        given += inspector.push(unit).length;
        most = Math.max(most, index + 1 - given);
      }
      return most;
    };
    expect(keptBack(prose.repeat(20))).toBeLessThan(32);
    expect(keptBack('x'.repeat(3_000))).toBeLessThanOrEqual(512);
    expect(keptBack('0 1 2 3 '.repeat(400))).toBeLessThanOrEqual(512);
    expect(keptBack('1-'.repeat(2_000))).toBeLessThanOrEqual(512);
  });

  it('places that overlap one another on and on are replaced in parts', () => {
    const inspector = new StreamInspector(compiled([pattern('abc'), pattern('cda')]), 'output');
    expect(inspector.push('abcd'.repeat(400))).toMatch(/^(?:\[REDACTED\]){5,6}$/);
  });

  it('a pattern keeps back its longest match, its word, its line or everything, as its form needs', () => {
    const first = (rule: string, text: string): string =>
      new StreamInspector(compiled([pattern(rule)]), 'output').push(text);
    expect(first('q[ a-z]{1,5}!', prose)).toBe(prose.slice(0, -7));
    expect(first('q[a-z]+!', prose)).toBe(prose.slice(0, -1));
    expect(first('q.+!', `${prose}\nand more`)).toBe(prose);
    expect(first('q[^!]+!', `${prose}\nand more`)).toBe('');
  });

  it('rules that only detect keep back nothing', () => {
    const inspector = new StreamInspector(compiled([pattern('q[^!]+!', 'detect'), pii('detect')]), 'output');
    expect(inspector.push('write to quick@example.com')).toBe('write to quick@example.com');
    expect(inspector.push(' now!')).toBe(' now!');
    expect(inspector.end()).toBe('');
    expect(inspector.findings.map(({ kind }) => kind).sort()).toEqual(['email', 'pattern']);
    expect(inspector.verdict).toBe('pass');
  });
});
