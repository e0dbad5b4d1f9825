import { describe, expect, it } from '@jest/globals';
import { globMatches } from './glob.js';

describe('globs of permission documents', () => {
  it.each([
    ['*', 'anything', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['tokens:*', 'tokens:CreateToken', true],
    ['tokens:*', 'token:CreateToken', false],
    ['*:List*', 'tokens:ListTokens', true],
    ['*:List*', 'tokens:CreateToken', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['tokens:CreateToken', 'tokens:CreateTokens', false],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  it('stay linear where a regular expression would not end', () => {
    expect(globMatches('*a'.repeat(40), 'a'.repeat(5_000) + 'b')).toBe(false);
  });
});
