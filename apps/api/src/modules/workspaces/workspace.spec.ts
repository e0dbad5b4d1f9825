import { describe, expect, it } from '@jest/globals';
import type { Principal } from '#lib/access';
import { newId } from '#lib/kernel';
import { freeSlug, slugOf, visibleTo } from './workspace.js';

const grant = { canEdit: false, canDelete: false, canExecute: false };
const [a, b] = [newId('ws'), newId('ws')];
const member = (more: Partial<Principal>): Principal => ({
  kind: 'session',
  userId: newId('usr'),
  orgId: newId('org'),
  memberId: newId('mem'),
  role: 'MEMBER',
  grants: new Map([[a, grant]]),
  ...more,
});

describe('which workspaces somebody may know of', () => {
  it('#2 all for OWNER and ADMIN, the joined ones for a MEMBER', () => {
    expect(visibleTo(member({ role: 'OWNER' }))).toBe('all');
    expect(visibleTo(member({ role: 'ADMIN' }))).toBe('all');
    expect(visibleTo(member({}))).toEqual([a]);
    expect(visibleTo(member({ grants: new Map() }))).toEqual([]);
  });

  it('#6 a workspace’s token sees that one, even an OWNER’s, and none that its owner left', () => {
    expect(visibleTo(member({ role: 'OWNER', workspaceId: b }))).toEqual([b]);
    expect(visibleTo(member({ workspaceId: a }))).toEqual([a]);
    expect(visibleTo(member({ workspaceId: b }))).toEqual([]);
  });
});

describe('#1 slugs', () => {
  it.each([
    ['Production', 'production'],
    ['  Überprüfung & Test  ', 'uberprufung-test'],
    ['日本', 'workspace'],
    ['a'.repeat(80), 'a'.repeat(60)],
  ])('%s → %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it('a taken one gets the next number', () => {
    expect(freeSlug('a', new Set())).toBe('a');
    expect(freeSlug('a', new Set(['a', 'a-2', 'a-4']))).toBe('a-3');
  });
});
