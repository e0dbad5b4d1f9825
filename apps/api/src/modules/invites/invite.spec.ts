import { describe, expect, it } from '@jest/globals';
import { isOpen, linkOf } from './invite.js';

const now = new Date('2026-01-01T12:00:00Z');

describe('#4 an invite link', () => {
  it('is open while it is switched on and before its end', () => {
    expect(isOpen({ enabled: true, expiresAt: null }, now)).toBe(true);
    expect(isOpen({ enabled: true, expiresAt: new Date(now.getTime() + 1) }, now)).toBe(true);
    expect(isOpen({ enabled: true, expiresAt: now }, now)).toBe(false);
    expect(isOpen({ enabled: false, expiresAt: null }, now)).toBe(false);
  });

  it('leads to the web app, whatever path the public URL ends with', () => {
    expect(linkOf('https://keys.example.com', 't')).toBe('https://keys.example.com/invite/t');
    expect(linkOf('https://keys.example.com/', 't')).toBe('https://keys.example.com/invite/t');
  });
});
