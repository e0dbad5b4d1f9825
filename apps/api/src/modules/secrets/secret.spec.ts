import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { normaliseOrigin, packCredential, readCredential } from './secret.js';

describe('an entered credential', () => {
  it('#17 prints as [redacted] in every way, and reads as it was entered', () => {
    const packed = packCredential('sk-“quoted”-\n-secret', 'second');
    for (const shown of [packed.toString(), JSON.stringify({ packed }), inspect(packed, { depth: 9 })]) {
      expect(shown).toContain('[redacted]');
      expect(shown).not.toContain('secret');
    }
    expect(readCredential(packed, (it) => it)).toEqual({
      secret: 'sk-“quoted”-\n-secret',
      secondSecret: 'second',
    });
    packed.wipe();
    expect(() => readCredential(packed, (it) => it)).toThrow('wiped');
  });
});

describe('an origin', () => {
  it.each([
    ['https://api.openai.com', 'https://api.openai.com:443'],
    ['HTTPS://API.OpenAI.com:443/', 'https://api.openai.com:443'],
    ['http://localhost:11434', 'http://localhost:11434'],
    ['http://[::1]', 'http://[::1]:80'],
  ])('%s is %s', (text, origin) => {
    expect(normaliseOrigin(text, '/origins/0')).toBe(origin);
  });

  it.each(['', 'api.openai.com', 'ftp://a', 'https://a/v1', 'https://u@a', 'https://a?b', 'https://a#b'])(
    '%s is none',
    (text) => {
      expect(() => normaliseOrigin(text, '/origins/0')).toThrow('origin');
    },
  );
});
