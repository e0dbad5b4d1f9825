import { describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { isLastOwner, outranksOrEquals, type Member } from './member.js';

const member = (over: Partial<Member>): Member => ({
  id: newId('mem'),
  userId: newId('usr'),
  name: 'N',
  email: 'n@example.test',
  role: 'OWNER',
  status: 'active',
  createdAt: new Date(0),
  ...over,
});

describe('ranks', () => {
  it('nobody reaches above themselves', () => {
    expect(outranksOrEquals('ADMIN', 'OWNER')).toBe(false);
    expect(outranksOrEquals('MEMBER', 'ADMIN')).toBe(false);
    expect(outranksOrEquals('OWNER', 'OWNER')).toBe(true);
    expect(outranksOrEquals('ADMIN', 'MEMBER')).toBe(true);
  });

  it('the last OWNER is an active one beside whom there is no other; a pending one never is', () => {
    expect(isLastOwner(member({}), 1)).toBe(true);
    expect(isLastOwner(member({}), 2)).toBe(false);
    expect(isLastOwner(member({ status: 'pending' }), 1)).toBe(false);
    expect(isLastOwner(member({ role: 'ADMIN' }), 1)).toBe(false);
  });
});
