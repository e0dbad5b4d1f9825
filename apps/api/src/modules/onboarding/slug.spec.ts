import { describe, expect, it } from '@jest/globals';
import { slugOf, slugWithTail } from './slug.js';

describe('#1 short names of organizations', () => {
  it.each([
    ['Acme GmbH', 'acme-gmbh'],
    ['  Ümläut & Söhne  ', 'umlaut-sohne'],
    ['a'.repeat(90), 'a'.repeat(40)],
    ['日本', 'org'],
    ['---', 'org'],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
  ])('%s → %s', (name, slug) => {
    expect(slugOf(name, 'org')).toBe(slug);
  });

  it('get a random tail when taken, within the same length', () => {
    const tails = Array.from({ length: 50 }, () => slugWithTail('a'.repeat(40)));
    expect(new Set(tails).size).toBe(50);
    for (const slug of tails) expect(slug).toMatch(/^a{33}-[a-z2-9]{6}$/);
  });
});
