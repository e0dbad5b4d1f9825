import { describe, expect, it } from '@jest/globals';
import { earlier, isLive, mayRevoke } from './token.js';

const noon = new Date('2026-01-01T12:00:00Z');
const one = new Date('2026-01-01T13:00:00Z');

describe('a token', () => {
  it('is live until it is revoked or its end is reached', () => {
    expect(isLive({ revokedAt: null, expiresAt: null }, noon)).toBe(true);
    expect(isLive({ revokedAt: null, expiresAt: one }, noon)).toBe(true);
    expect(isLive({ revokedAt: null, expiresAt: noon }, noon)).toBe(false);
    expect(isLive({ revokedAt: noon, expiresAt: null }, one)).toBe(false);
  });

  it('takes the earlier of two ends, where never is later than any', () => {
    expect([
      earlier(noon, one),
      earlier(one, noon),
      earlier(null, one),
      earlier(noon, null),
      earlier(null, null),
    ]).toEqual([noon, noon, one, noon, null]);
  });

  it.each([
    ['OWNER', 'OWNER', false, true],
    ['ADMIN', 'OWNER', false, false],
    ['ADMIN', 'MEMBER', false, true],
    ['MEMBER', 'MEMBER', false, false],
    ['ADMIN', 'OWNER', true, true],
  ] as const)(
    'of a person of role %s may revoke one of role %s (own: %s): %s',
    (role, ownerRole, own, expected) => {
      const owner = { memberId: 'mem_owner', role: ownerRole };
      expect(mayRevoke({ memberId: own ? 'mem_owner' : 'mem_other', role }, owner)).toBe(expected);
    },
  );
});
