import { describe, expect, it } from '@jest/globals';
import { compilePattern, compileRules, inspectText } from '../index.js';
import { MATCHES_MAX, UNREAD_PART } from './pattern-scanner.js';

const faultOf = (pattern: string): string | null => {
  const result = compilePattern(pattern);
  return 'fault' in result ? result.fault : null;
};

function redacted(pattern: string, text: string): string {
  const rules = compileRules([{ type: 'pattern', pattern, on: 'both', action: 'redact' }]);
  if ('faults' in rules) throw new Error(JSON.stringify(rules.faults));
  return inspectText(rules, text, 'input').text;
}

describe('#46 patterns are refused with what is wrong with them', () => {
  it.each([
    ['(a)\\1', /a backreference at character 4/],
    ['(?<n>a)\\k<n>', /a backreference at character 8/],
    ['a(?=b)', /a lookahead at character 2/],
    ['a(?!b)', /a lookahead/],
    ['(?<=a)b', /a lookbehind at character 1/],
    ['(?<!a)b', /a lookbehind/],
    ['(?>a)b', /an atomic group/],
    ['a++', /a possessive quantifier/],
    ['(', /missing closing \)/],
    ['[z-a]', /invalid character class range/],
    ['a{1001}', /repeats too often/],
    ['((a{50}){50}){2}', /repeats too often/],
    ['a*', /matches the empty text/],
    ['\\b', /matches the empty text/],
    ['(?:a|)', /matches the empty text/],
    ['', /is empty/],
    ['a'.repeat(1_001), /1001 characters; at most 1000/],
    ['(?:[a-f]{200}x){4}[0-9]{900}(?:abcde){100}', /instructions; at most 2000/],
    ['[^\\x00-\\x{10FFFF}]', /can match nothing/],
  ])('%s', (pattern, fault) => {
    expect(faultOf(pattern)).toMatch(fault);
  });

  it('what looks like one of them and is not is taken', () => {
    for (const pattern of [
      '\\(\\?=',
      '[(?=]x',
      '\\\\1',
      '[\\\\1]',
      '\\Q(?=\\E',
      '(?i)secret',
      '(?P<year>\\d{4})',
      '\\p{Lu}\\d',
      '[*+]+',
    ])
      expect([pattern, faultOf(pattern)]).toEqual([pattern, null]);
  });

  it('every fault of a list of rules is told by its place', () => {
    const rules = ['ok', '(', 'x(?=y)'].map(
      (pattern) => ({ type: 'pattern', pattern, on: 'both', action: 'block' }) as const,
    );
    const result = compileRules(rules);
    expect('faults' in result && result.faults.map(({ ruleIndex }) => ruleIndex)).toEqual([1, 2]);
  });
});

describe('#46 what a pattern can match is measured', () => {
  it.each([
    ['abc', 3, 3],
    ['a{2,5}b?', 6, 2],
    ['(?:ab|c)d', 3, 2],
    ['😀{1,2}', 4, 1],
    ['a+', Infinity, 1],
    ['(?:ab*){1,3}', Infinity, 1],
    ['a|bcd|e{9}', 9, 1],
    ['^x$', 1, 1],
    ['.', 2, 1],
  ])('%s: %d at most, %d at least', (pattern, longest, shortest) => {
    const result = compilePattern(pattern);
    expect('extent' in result && [result.extent.longest, result.extent.shortest]).toEqual([
      longest,
      shortest,
    ]);
  });

  it.each([
    ['a.b', false, true],
    ['(?s)a.b', true, true],
    ['[^x]', true, true],
    ['\\S+', false, false],
    ['\\w+-\\d+', false, false],
    ['a b', false, true],
    ['\\s', true, true],
    ['a\\t', false, true],
  ])('%s: line breaks %s, white space %s', (pattern, newline, space) => {
    const result = compilePattern(pattern);
    expect('extent' in result && [result.extent.matchesNewline, result.extent.matchesSpace]).toEqual([
      newline,
      space,
    ]);
  });
});

describe('#46 patterns run in time that grows with the text alone', () => {
  const CORPUS: [pattern: string, unit: string, tail: string][] = [
    ['(a+)+$', 'a', '!'],
    ['(a|a)*b', 'a', '!'],
    ['(a|aa)+$', 'a', '!'],
    ['([a-zA-Z]+)*\\d', 'ab', '!'],
    ['(x+x+)+y', 'x', ''],
    ['(.*a){12}b', 'a', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    ['\\s+$', ' ', 'x'],
    ['.*.*=.*', 'x', ''],
    ['(\\d+,?)+;', '1,', ''],
    [
      '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
      'a',
      '!',
    ],
    ['(?:a?){30}a{30}b', 'a', ''],
  ];

  /** The best of some runs, in milliseconds of this process' own time. Only their ratio is asserted. */
  function cost(run: () => void): number {
    const times = Array.from({ length: 3 }, () => {
      const start = process.cpuUsage().user / 1_000;
      run();
      return process.cpuUsage().user / 1_000 - start;
    });
    return Math.min(...times);
  }

  it.each(CORPUS)(
    '%s: eight times the text is not much more than eight times the work',
    (pattern, unit, tail) => {
      const rules = compileRules([{ type: 'pattern', pattern, on: 'both', action: 'redact' }]);
      if ('faults' in rules) throw new Error(JSON.stringify(rules.faults));
      const text = (units: number): string => unit.repeat(units / unit.length) + tail;
      const [small, large] = [40_000, 320_000].map((units) =>
        cost(() => inspectText(rules, text(units), 'input')),
      );
      // Quadratic work would be 64 times as much; a floor keeps the clock's grain out of the ratio.
      expect((large ?? 0) / Math.max(small ?? 0, 2)).toBeLessThan(32);
    },
  );

  it('a pattern that looks at the rest for each of its matches is cut off: what remains is found as a whole', () => {
    expect(redacted('a.*z|a', 'a'.repeat(MATCHES_MAX))).toBe('[REDACTED]'.repeat(MATCHES_MAX));
    const rest = Math.ceil((20_000 - MATCHES_MAX) / UNREAD_PART);
    expect(redacted('a.*z|a', 'a'.repeat(20_000))).toBe('[REDACTED]'.repeat(MATCHES_MAX + rest));
  });
});

describe('#46 patterns find what RE2 finds', () => {
  it.each([
    ['\\bcat\\b', 'cat concat cat.', '[REDACTED] concat [REDACTED].'],
    ['^x', 'xx\nx', '[REDACTED]x\nx'],
    ['(?m)^x', 'xx\nx', '[REDACTED]x\n[REDACTED]'],
    ['(?i)project[- ]?x', 'Project X, PROJECT-X', '[REDACTED], [REDACTED]'],
    ['aa', 'aaaaa', '[REDACTED][REDACTED]a'],
    ['😀', 'a😀b', 'a[REDACTED]b'],
  ])('%s in %j', (pattern, text, expected) => {
    expect(redacted(pattern, text)).toBe(expected);
  });
});
