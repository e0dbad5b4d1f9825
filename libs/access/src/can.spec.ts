import { describe, expect, it } from '@jest/globals';
import { PERMISSIONS, type Permission, type PermissionStatement } from '#lib/contracts';
import { newId } from '#lib/kernel';
import { assertWorkspace, can } from './can.js';
import type { Principal } from './principal.js';
import { statementsAllow } from './statements.js';

const mine = newId('ws');
const other = newId('ws');

function principal(over: Partial<Principal>): Principal {
  const ids = { userId: newId('usr'), orgId: newId('org'), memberId: newId('mem') };
  return { kind: 'session', role: 'OWNER', grants: new Map(), ...ids, ...over };
}

const KEY_WRITES = PERMISSIONS.filter((name) =>
  /^(aiProviders|secrets):(Create|Update|Delete|Test|Rotate|Assign|Manage)/.test(name),
);

describe('what a role may do', () => {
  it('lets an OWNER do everything', () => {
    expect(PERMISSIONS.filter((name) => !can(principal({}), name))).toEqual([]);
  });

  it('#2 refuses every key write and assignment to ADMIN and MEMBER, and lets ADMIN list keys', () => {
    expect(KEY_WRITES.length).toBeGreaterThan(8);
    for (const role of ['ADMIN', 'MEMBER'] as const) {
      expect(KEY_WRITES.filter((name) => can(principal({ role }), name))).toEqual([]);
    }
    expect(can(principal({ role: 'ADMIN' }), 'aiProviders:ListAiProviders')).toBe(true);
  });

  it('#2 gives a MEMBER no settings: their own account, the workspaces that they joined, and why all calls are stopped', () => {
    const grant = { canEdit: true, canDelete: true, canExecute: true };
    const member = principal({ role: 'MEMBER', grants: new Map([[mine, grant]]) });
    const allowed = PERMISSIONS.filter((name) => can(member, name));
    expect(allowed.every((name) => /^(account|workspaces|agentRuns):|^orgs:GetKillSwitch$/.test(name))).toBe(
      true,
    );
    expect(allowed).not.toContain('workspaces:CreateWorkspace');
    expect(allowed).not.toContain('workspaces:ManageGrants');
  });

  it('#3 keeps every grant off until it is given', () => {
    const grants = (on: object) =>
      new Map([[mine, { canEdit: false, canDelete: false, canExecute: false, ...on }]]);
    const rights: [Permission, object][] = [
      ['workspaces:UpdateWorkspace', { canEdit: true }],
      ['workspaces:DeleteWorkspace', { canDelete: true }],
      ['agentRuns:CreateAgentRun', { canExecute: true }],
    ];
    for (const [permission, on] of rights) {
      expect(can(principal({ role: 'MEMBER', grants: grants({}) }), permission, mine)).toBe(false);
      expect(can(principal({ role: 'MEMBER', grants: grants(on) }), permission, mine)).toBe(true);
      expect(can(principal({ role: 'MEMBER', grants: grants(on) }), permission, other)).toBe(false);
    }
    expect(can(principal({ role: 'MEMBER', grants: grants({}) }), 'workspaces:GetWorkspace', mine)).toBe(
      true,
    );
  });
});

describe('what a token may do', () => {
  const allow = (...actions: string[]): PermissionStatement => ({
    effect: 'Allow',
    actions,
    resources: ['*'],
  });

  it('#5 is its own rights ∩ its owner’s current ones', () => {
    const permissions = [allow('aiProviders:*')];
    const token = { kind: 'token', tokenId: newId('tok'), tokenKind: 'api', permissions } as const;
    expect(can(principal({ ...token }), 'aiProviders:CreateAiProvider')).toBe(true);
    expect(can(principal({ ...token }), 'members:ListMembers')).toBe(false);
    expect(can(principal({ ...token, role: 'ADMIN' }), 'aiProviders:CreateAiProvider')).toBe(false);
  });

  it('#6 stays behind the wall of its workspace, even when an OWNER made it', () => {
    const walled = principal({ kind: 'token', tokenKind: 'api', workspaceId: mine });
    expect(PERMISSIONS.filter((name) => can(walled, name) && !/^(workspaces|agentRuns):/.test(name))).toEqual(
      [],
    );
    expect(can(walled, 'workspaces:ListModels', mine)).toBe(true);
    expect(can(walled, 'workspaces:ListModels', other)).toBe(false);
    expect(() => assertWorkspace(walled, other, 'workspaces:ListModels')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });

  it('is good for what its kind is for, and never for a person’s account', () => {
    const engine = principal({ kind: 'token', tokenKind: 'engine' });
    expect([can(engine, 'agentRuns:CreateAgentRun'), can(engine, 'aiProviders:ListAiProviders')]).toEqual([
      true,
      false,
    ]);
    const workspace = principal({ kind: 'token', tokenKind: 'workspace', workspaceId: mine });
    expect([
      can(workspace, 'agentRuns:CreateAgentRun', mine),
      can(workspace, 'workspaces:UpdateWorkspace', mine),
    ]).toEqual([true, false]);
    expect(can(principal({ kind: 'token', tokenKind: 'api' }), 'account:UpdateSelf')).toBe(false);
  });
});

describe('permission documents', () => {
  const deny = (actions: string[], resources: string[]): PermissionStatement => ({
    effect: 'Deny',
    actions,
    resources,
  });
  const allowAll: PermissionStatement = { effect: 'Allow', actions: ['*'], resources: ['*'] };

  it.each([
    ['an Allow', [allowAll], 'tokens:ListTokens', undefined, true],
    ['silence', [], 'tokens:ListTokens', undefined, false],
    [
      'a Deny beats an Allow, whatever the order',
      [deny(['tokens:*'], ['*']), allowAll],
      'tokens:ListTokens',
      undefined,
      false,
    ],
    [
      'a Deny of one resource',
      [allowAll, deny(['workspaces:*'], ['ws_a'])],
      'workspaces:GetWorkspace',
      'ws_a',
      false,
    ],
    [
      '… leaves the others',
      [allowAll, deny(['workspaces:*'], ['ws_a'])],
      'workspaces:GetWorkspace',
      'ws_b',
      true,
    ],
    [
      '… and the question in general',
      [allowAll, deny(['workspaces:*'], ['ws_a'])],
      'workspaces:GetWorkspace',
      undefined,
      true,
    ],
    [
      'the kebab spelling',
      [{ ...allowAll, actions: ['ai-providers:List*'] }],
      'aiProviders:ListAiProviders',
      undefined,
      true,
    ],
    [
      'a glob of resources',
      [{ ...allowAll, resources: ['aip_*'] }],
      'aiProviders:GetAiProvider',
      'aip_1',
      true,
    ],
    [
      'an Allow of another resource',
      [{ ...allowAll, resources: ['ws_a'] }],
      'workspaces:GetWorkspace',
      'ws_b',
      false,
    ],
  ] as [string, PermissionStatement[], string, string | undefined, boolean][])(
    '#5 %s',
    (_name, document, action, resource, expected) => {
      expect(statementsAllow(document, action, ...(resource === undefined ? [] : [resource]))).toBe(expected);
    },
  );
});
