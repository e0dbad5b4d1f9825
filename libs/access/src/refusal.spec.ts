import { describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { Principal } from './principal.js';
import { forbidden } from './refusal.js';

const principal = (over: Partial<Principal>): Principal => ({
  kind: 'token',
  userId: newId('usr'),
  orgId: newId('org'),
  memberId: newId('mem'),
  role: 'OWNER',
  grants: new Map(),
  ...over,
});

describe('a refusal says what is missing and who can help', () => {
  it.each([
    [
      'a wrong kind of token',
      principal({ tokenKind: 'engine' }),
      'members:ListMembers',
      'kind "engine"',
      'OWNER or ADMIN',
    ],
    [
      'a demoted owner',
      principal({ tokenKind: 'api', role: 'ADMIN' }),
      'aiProviders:CreateAiProvider',
      'any more',
      'An OWNER of',
    ],
    [
      'a walled token',
      principal({ tokenKind: 'api', workspaceId: newId('ws') }),
      'members:ListMembers',
      'one workspace',
      'OWNER',
    ],
    [
      'a document',
      principal({ tokenKind: 'api', permissions: [] }),
      'plan:GetPlan',
      'permission document',
      'OWNER',
    ],
    [
      'a role',
      principal({ kind: 'session', role: 'MEMBER' }),
      'plan:GetPlan',
      'plan:GetPlan',
      'An OWNER or ADMIN',
    ],
    [
      'a grant',
      principal({ kind: 'session', role: 'MEMBER' }),
      'agentRuns:CreateAgentRun',
      'agentRuns',
      'grant canExecute',
    ],
    ['somebody’s account', principal({ tokenKind: 'api' }), 'account:ReadSelf', 'sign in', ''],
  ] as const)('%s', (_what, who, permission, missing, help) => {
    const { code, message } = forbidden(permission, who);
    expect(code).toBe('forbidden');
    expect(message).toContain(missing);
    expect(message).toContain(help);
  });
});
