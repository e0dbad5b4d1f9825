import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PERMISSIONS } from '#lib/contracts';
import { newId, type IdPrefix } from '#lib/kernel';
import { bodyFor, fillPath, operationsOf, type Operation } from '../support/operations.js';
import type { Person } from '../support/person.js';
import { joinAs, joinPending } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

/**
 * Who may call what, written down a second time and by hand: the code's own table must not be its own judge.
 * OWNER may everything. A MEMBER here has joined no workspace.
 */
const ADMIN = new Set([
  'account:ReadSelf',
  'account:UpdateSelf',
  'orgs:GetOrg',
  'members:ListMembers',
  'members:UpdateMember',
  'members:RemoveMember',
  'invites:ListInvites',
  'invites:CreateInvite',
  'invites:UpdateInvite',
  'invites:DeleteInvite',
  'tokens:ListTokens',
  'tokens:CreateToken',
  'tokens:RevokeToken',
  'tokens:RollToken',
  'workspaces:ListWorkspaces',
  'workspaces:GetWorkspace',
  'workspaces:CreateWorkspace',
  'workspaces:UpdateWorkspace',
  'workspaces:DeleteWorkspace',
  'workspaces:ManageGrants',
  'workspaces:ListModels',
  'workspaces:ResolveModel',
  'providers:ListProviders',
  'providers:ListModels',
  'aiProviders:ListAiProviders',
  'aiProviders:GetAiProvider',
  'secrets:ListSecrets',
  'plan:GetPlan',
  'usage:GetUsage',
  'audit:ListAuditEvents',
  'audit:ExportAuditEvents',
]);
const MEMBER = new Set([
  'account:ReadSelf',
  'account:UpdateSelf',
  'workspaces:ListWorkspaces',
  'workspaces:GetWorkspace',
  'workspaces:ListModels',
  'workspaces:ResolveModel',
]);
const ACCOUNT = new Set(['account:ReadSelf', 'account:UpdateSelf']);
const EVERYTHING: ReadonlySet<string> = new Set(PERMISSIONS);

describe('role × route, from the OpenAPI document', () => {
  let api: TestApi;
  let operations: Operation[];
  const people = new Map<string, Person>();

  beforeAll(async () => {
    api = await startTestApi();
    operations = operationsOf(api).filter(
      (operation) => operation.permission !== null && operation.id !== 'auth.logOut',
    );
    const owner = await api.owner();
    people.set('OWNER', owner);
    people.set('ADMIN', await joinAs(api, owner, 'ADMIN'));
    people.set('MEMBER', await joinAs(api, owner, 'MEMBER'));
    people.set('pending', (await joinPending(api, owner, 'OWNER')).person);
    people.set('nobody', api.stranger());
    const token = async (body: object) =>
      owner.withToken((await owner.post('/tokens', { name: 't', ...body })).body.token);
    people.set('api token of an OWNER', await token({ kind: 'api' }));
    people.set('engine token', await token({ kind: 'engine' }));
  });
  afterAll(() => api.stop());

  const call = (person: Person, operation: Operation, body?: object) => {
    const unknown = (kind: string | null) => (kind === null ? 'openai' : newId(kind as IdPrefix));
    const path = fillPath(operation.path, unknown);
    return person.send(operation.method, path, body ?? bodyFor(operation, (kind) => newId(kind as IdPrefix)));
  };

  it('covers the operations of this API', () => {
    expect(operations.length).toBeGreaterThan(45);
  });

  it.each([
    ['OWNER', EVERYTHING],
    ['ADMIN', ADMIN],
    ['MEMBER', MEMBER],
    ['pending', ACCOUNT],
    ['api token of an OWNER', new Set([...EVERYTHING].filter((name) => !name.startsWith('account:')))],
    [
      'engine token',
      new Set([
        'workspaces:ListWorkspaces',
        'workspaces:GetWorkspace',
        'workspaces:ListModels',
        'workspaces:ResolveModel',
      ]),
    ],
  ] as [string, ReadonlySet<string>][])('#2 %s may do exactly what the table says', async (role, allowed) => {
    const person = people.get(role)!;
    const wrong: string[] = [];
    for (const operation of operations) {
      const { status, body } = await call(person, operation);
      const refused = status === 403 && body.code === 'forbidden';
      if (refused === allowed.has(operation.permission!))
        wrong.push(`${operation.method} ${operation.path} answered ${status}`);
      if (status === 401 || status >= 500)
        wrong.push(`${operation.method} ${operation.path} answered ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  it('answers nobody 401 on every route that is not public', async () => {
    const answers = await Promise.all(operations.map((operation) => call(people.get('nobody')!, operation)));
    expect(answers.filter(({ status, body }) => status !== 401 || body.code !== 'unauthenticated')).toEqual(
      [],
    );
  });

  it('checks authentication and permission before it looks at body or id', async () => {
    const writes = operations.filter((operation) => operation.hasBody && !MEMBER.has(operation.permission!));
    for (const operation of writes) {
      const path = fillPath(operation.path, () => 'not-even-an-id');
      for (const [role, code] of [
        ['nobody', 401],
        ['MEMBER', 403],
      ] as const) {
        const headers = { 'content-type': 'application/json' };
        const broken = await people.get(role)!.sendText(operation.method, path, '{"broken', headers);
        expect([operation.id, role, broken.status]).toEqual([operation.id, role, code]);
        expect((await people.get(role)!.send(operation.method, path, { unknown: true })).status).toBe(code);
      }
    }
  });

  it('#2 MEMBER sees the workspaces that they joined, and 404 for the others of their own organization', async () => {
    const member = people.get('MEMBER')!;
    const owner = people.get('OWNER')!;
    expect((await member.get('/workspaces')).body.data).toEqual([]);
    expect((await member.get(`/workspaces/${owner.workspaceId}`)).status).toBe(404);
  });
});
