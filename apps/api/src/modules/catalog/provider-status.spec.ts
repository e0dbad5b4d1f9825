import { describe, expect, it } from '@jest/globals';
import { keyStatus, providerStatus, type StatusFacts } from './provider-status.js';

const fine: StatusFacts = {
  enabled: true,
  hasSecret: true,
  needsSecret: true,
  lastTestStatus: null,
  lastTestedAt: null,
  refusedInARow: 0,
  lastOkAt: null,
  expiresAt: null,
};
const now = new Date('2026-11-21T12:00:00Z');
const LATER = new Date('2026-11-21T12:00:01Z');
const BAD_TEST = { lastTestStatus: 'error' as const, lastTestedAt: now };

describe('#20 status', () => {
  it.each<[string, Partial<StatusFacts>, string]>([
    ['untested', {}, 'configured'],
    ['tested well', { lastTestStatus: 'ok' }, 'configured'],
    ['refused twice', { refusedInARow: 2 }, 'configured'],
    ['refused three times', { refusedInARow: 3 }, 'failing'],
    ['tested badly', { lastTestStatus: 'auth_failed' }, 'failing'],
    ['tested badly before a call succeeded', { ...BAD_TEST, lastOkAt: LATER }, 'configured'],
    ['tested badly after a call succeeded', { ...BAD_TEST, lastTestedAt: LATER, lastOkAt: now }, 'failing'],
    ['tested badly before, and refused since', { ...BAD_TEST, lastOkAt: LATER, refusedInARow: 3 }, 'failing'],
    ['that expires later', { expiresAt: new Date(now.getTime() + 1) }, 'configured'],
    ['that has expired', { expiresAt: now, lastTestStatus: 'ok' }, 'failing'],
    ['that has expired, without a secret', { expiresAt: now, hasSecret: false }, 'unconfigured'],
    ['without a secret', { hasSecret: false }, 'unconfigured'],
    ['without a secret, and failing', { hasSecret: false, refusedInARow: 9 }, 'unconfigured'],
    ['without a secret where none is needed', { hasSecret: false, needsSecret: false }, 'configured'],
    ['disabled, whatever else', { enabled: false, hasSecret: false, lastTestStatus: 'error' }, 'disabled'],
  ])('a key %s', (_name, facts, status) => {
    expect(keyStatus({ ...fine, ...facts }, now)).toBe(status);
  });

  it('a provider is as good as its best key, and disabled by its gate', () => {
    expect(providerStatus(true, [])).toBe('unconfigured');
    expect(providerStatus(true, ['disabled', 'failing', 'configured'])).toBe('configured');
    expect(providerStatus(true, ['disabled', 'unconfigured', 'failing'])).toBe('failing');
    expect(providerStatus(true, ['disabled'])).toBe('disabled');
    expect(providerStatus(false, ['configured'])).toBe('disabled');
  });
});
