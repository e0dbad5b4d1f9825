import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { signTicket, verifyTicket } from './ticket.js';

const pair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const keys = pair();
const now = 1_800_000_000;
const claims = {
  orgId: newId('org'),
  userId: newId('usr'),
  aiProviderId: newId('aip'),
  action: 'test' as const,
  expiresAt: now + 30,
};

describe('engine tickets', () => {
  const ticket = signTicket(claims, keys.privateKey);
  const refused = expect.objectContaining({ code: 'unauthenticated' });

  it('tell the engine what the api signed', () => {
    expect(verifyTicket(ticket, keys.publicKey, now)).toEqual(claims);
  });

  it('ask about an organization’s own KMS key, and about no other reference', () => {
    const { orgId, userId, expiresAt } = claims;
    const own = {
      orgId,
      userId,
      expiresAt,
      action: 'check-own-kms',
      kmsRef: 'own-aws:k|r',
      probe: 'AA==',
    } as const;
    expect(verifyTicket(signTicket(own, keys.privateKey), keys.publicKey, now)).toEqual(own);
    const platform = signTicket({ ...own, kmsRef: 'local:call:1' }, keys.privateKey);
    expect(() => verifyTicket(platform, keys.publicKey, now)).toThrow(refused);
  });

  it('expire after 30 seconds', () => {
    expect(verifyTicket(ticket, keys.publicKey, now + 29)).toEqual(claims);
    expect(() => verifyTicket(ticket, keys.publicKey, now + 30)).toThrow(refused);
  });

  it('are refused when any character changes, when another key signed, and when they claim to live long', () => {
    for (let at = 0; at < ticket.length; at += 7) {
      const changed = ticket.slice(0, at) + (ticket[at] === 'A' ? 'B' : 'A') + ticket.slice(at + 1);
      expect(() => verifyTicket(changed, keys.publicKey, now)).toThrow(refused);
    }
    expect(() => verifyTicket(signTicket(claims, pair().privateKey), keys.publicKey, now)).toThrow(refused);
    const longLived = signTicket({ ...claims, expiresAt: now + 3_600 }, keys.privateKey);
    expect(() => verifyTicket(longLived, keys.publicKey, now)).toThrow(refused);
  });

  it.each(['', '.', 'a.b.c', 'x'.repeat(5_000)])('are refused when malformed: %#', (malformed) => {
    expect(() => verifyTicket(malformed, keys.publicKey, now)).toThrow(refused);
  });
});
