import { describe, expect, it } from '@jest/globals';
import { bearerHash, issueToken, opaqueToken, TOKEN_KINDS } from './bearer.js';
import { sha256 } from './hashing.js';
import { newId } from './ids.js';

describe('bearer tokens', () => {
  it.each(TOKEN_KINDS)('of kind %s are found by the hash of the whole token', (kind) => {
    const { token, hash, prefix } = issueToken(kind, newId('tok'));
    expect(bearerHash(token)).toEqual(hash);
    expect(hash).toEqual(sha256(token));
    expect(token).toMatch(/^clv_(api|eng|ws)_/);
    expect(token.startsWith(prefix.slice(0, -1))).toBe(true);
    expect(prefix).toHaveLength(17);
  });

  it('carry their own id, so that a leaked one can be named without being looked up', () => {
    const id = newId('tok');
    expect(issueToken('engine', id).token).toContain(id.slice('tok_'.length));
  });

  it('differ by 256 random bits even under one id', () => {
    const id = newId('tok');
    expect(issueToken('api', id).token).not.toBe(issueToken('api', id).token);
  });

  it('any single slip of typing is refused without a look-up', () => {
    const { token } = issueToken('workspace', newId('tok'));
    for (let at = 0; at < token.length; at += 1) {
      const slip = token[at] === 'x' ? 'y' : 'x';
      expect(bearerHash(token.slice(0, at) + slip + token.slice(at + 1))).toBeUndefined();
      expect(bearerHash(token.slice(0, at) + token.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(['', 'Bearer x', 'clv_api_', 'x'.repeat(100_000)])('refuses what is no token', (text) => {
    expect(bearerHash(text)).toBeUndefined();
  });

  it('refuses a token with anything around it', () => {
    const { token } = issueToken('api', newId('tok'));
    for (const text of [` ${token}`, `${token} `, `${token}\n`, token + token])
      expect(bearerHash(text)).toBeUndefined();
  });
});

describe('opaque tokens', () => {
  it('are 256 random bits with their hash', () => {
    const { token, hash } = opaqueToken();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(hash).toEqual(sha256(token));
    expect(opaqueToken().token).not.toBe(token);
  });
});
