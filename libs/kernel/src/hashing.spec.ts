import { describe, expect, it } from '@jest/globals';
import {
  deriveRolePassword,
  equalBytes,
  hashPassword,
  hmacSha256,
  sha256,
  verifyPassword,
} from './hashing.js';

describe('password hashing', () => {
  it('matches the password and nothing else', async () => {
    const phc = await hashPassword('correct horse');
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('correct horse', phc)).toBe(true);
    for (const wrong of ['correct horsf', 'correct horse ', 'Correct horse', '']) {
      expect(await verifyPassword(wrong, phc)).toBe(false);
    }
  });

  it('salts: equal passwords have different hashes', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });

  it('agrees with another implementation of argon2id (the reference C code, `argon2 -id -v 13`)', async () => {
    // From the test vectors of https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c, version 0x13.
    const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword('password', phc)).toBe(true);
    expect(await verifyPassword('passwore', phc)).toBe(false);
  });

  it('takes one spelling of a character for another, as keyboards differ', async () => {
    const phc = await hashPassword('caf\u00e9');
    expect(await verifyPassword('cafe\u0301', phc)).toBe(true);
  });

  it.each([
    '',
    'plain',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=1,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=99999999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=2,p=1$c2Fs$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CT',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$!!!!',
  ])('lets nothing match a malformed hash: %s', async (phc) => {
    expect(await verifyPassword('password', phc)).toBe(false);
  });
});

describe('hashes', () => {
  it('are those of the standards', () => {
    expect(sha256('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(sha256('a', Buffer.from('bc'))).toEqual(sha256('abc'));
    // RFC 4231, test case 2
    const mac = hmacSha256(Buffer.from('Jefe'), 'what do ya want ', 'for nothing?').toString('hex');
    expect(mac).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('compares bytes of any lengths', () => {
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(equalBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
    expect(equalBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });

  it('derives a role’s password that is stable, its own, and fit for a URL', () => {
    const api = deriveRolePassword('owner', 'claviger_api');
    expect(deriveRolePassword('owner', 'claviger_api')).toBe(api);
    expect(deriveRolePassword('owner', 'claviger_engine')).not.toBe(api);
    expect(deriveRolePassword('owner2', 'claviger_api')).not.toBe(api);
    expect(api).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
