import { describe, expect, it } from '@jest/globals';
import { endOf, hasEnded, linkOf, mayInvite } from './invite.js';

const now = new Date('2026-01-01T12:00:00Z');

describe('#4 an invite link', () => {
  const after = (ms: number) => new Date(now.getTime() + ms);
  const DAY = 86_400_000;

  it('is over from its end on', () => {
    expect(hasEnded({ expiresAt: null }, now)).toBe(false);
    expect(hasEnded({ expiresAt: after(1) }, now)).toBe(false);
    expect(hasEnded({ expiresAt: now }, now)).toBe(true);
  });

  it('ends in 7 days, or when it was asked to, within 30 days', () => {
    expect(endOf(null, now)).toEqual(after(7 * DAY));
    expect(endOf(after(1), now)).toEqual(after(1));
    expect(endOf(after(30 * DAY), now)).toEqual(after(30 * DAY));
    expect(endOf(after(30 * DAY + 1), now)).toBeNull();
    expect(endOf(now, now)).toBeNull();
  });

  it('counts while its maker is an active member who may invite to its role', () => {
    const active = (role: 'OWNER' | 'ADMIN' | 'MEMBER') => ({ role, status: 'active' });
    expect(mayInvite(active('OWNER'), 'OWNER')).toBe(true);
    expect(mayInvite(active('ADMIN'), 'ADMIN')).toBe(true);
    expect(mayInvite(active('ADMIN'), 'OWNER')).toBe(false);
    expect(mayInvite(active('MEMBER'), 'MEMBER')).toBe(false);
    expect(mayInvite({ role: 'OWNER', status: 'pending' }, 'MEMBER')).toBe(false);
    expect(mayInvite(null, 'MEMBER')).toBe(false);
  });

  it('leads to the web app, whatever path the public URL ends with', () => {
    expect(linkOf('https://keys.example.com', 't')).toBe('https://keys.example.com/invite/t');
    expect(linkOf('https://keys.example.com/', 't')).toBe('https://keys.example.com/invite/t');
  });
});
