import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { inDays } from '../support/times.js';
import { addViolation } from '../support/violations.js';

const DENY = { type: 'models', deny: ['gpt-*'] };
const POLICY = {
  name: 'No GPT',
  scope: { type: 'organization' },
  severity: 'HIGH',
  rules: [DENY],
};

let api: TestApi;
let owner: Person;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  owner = await api.owner();
});

const make = async (more: object = {}, by = owner) => {
  const answer = await by.post('/policies', { ...POLICY, ...more });
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return answer.body as { id: string; version: number };
};

describe('#46 policies', () => {
  it('are made, read, changed and deleted; what is sent back is what was saved', async () => {
    const made = await owner.post('/policies', { ...POLICY, description: 'why' });
    expect(made.body).toMatchObject({
      ...POLICY,
      ...{ description: 'why', enabled: true, version: 1, violationCount: 0, approvalCount: 0 },
    });
    const path = `/policies/${made.body.id}`;
    const etag = String(made.headers['etag']);
    expect((await owner.get(path)).headers['etag']).toBe(etag);
    const changed = await owner.send(
      'PATCH',
      path,
      { severity: 'LOW', clear: ['description'] },
      { 'if-match': etag },
    );
    expect(changed.body).toMatchObject({ severity: 'LOW', description: '', version: 2, rules: [DENY] });
    const stale = await owner.send('PATCH', path, { severity: 'HIGH' }, { 'if-match': etag });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    const same = await owner.patch(path, { severity: 'LOW', rules: [{ deny: ['gpt-*'], type: 'models' }] });
    expect(same.body.version).toBe(2);
    expect((await owner.get('/policies')).body.data).toHaveLength(1);
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
  });

  it('#49 every change is a version with who, when and the rules, which nobody can alter', async () => {
    const { id } = await make();
    const admin = await joinAs(api, owner, 'ADMIN');
    await admin.patch(`/policies/${id}`, { rules: [{ type: 'providers', deny: ['openai'] }] });
    const { data } = (await owner.get(`/policies/${id}/versions`)).body;
    expect(data).toMatchObject([
      { version: 2, changedBy: admin.userId, rules: [{ type: 'providers', deny: ['openai'] }] },
      { version: 1, changedBy: owner.userId, rules: [DENY] },
    ]);
    const page = (await owner.get(`/policies/${id}/versions?limit=1`)).body;
    expect((await owner.get(`/policies/${id}/versions?limit=1&cursor=${page.nextCursor}`)).body.data).toEqual(
      [data[1]],
    );
    await owner.delete(`/policies/${id}`);
    await withSuperuser(api, async (pool) => {
      const kept = await pool.query('SELECT 1 FROM policy_versions WHERE policy_id = $1', [toUuid(id)]);
      expect(kept.rowCount).toBe(2);
      const { rows } = await pool.query(
        `SELECT has_table_privilege('claviger_api', 'policy_versions', 'UPDATE') AS update,
                has_table_privilege('claviger_api', 'policy_versions', 'DELETE') AS delete,
                has_table_privilege('claviger_api', 'policy_violations', 'INSERT') AS forge,
                has_table_privilege('claviger_engine', 'policy_violations', 'UPDATE') AS alter`,
      );
      expect(rows).toEqual([{ update: false, delete: false, forge: false, alter: false }]);
    });
  });

  it('every change has an audit row and wakes the engines', async () => {
    const { id } = await make();
    await owner.patch(`/policies/${id}`, { enabled: false });
    await owner.delete(`/policies/${id}`);
    const { data } = (await owner.get(`/audit-events?target=${id}`)).body;
    expect(data.map(({ action }: { action: string }) => action)).toEqual([
      'policies:DeletePolicy',
      'policies:UpdatePolicy',
      'policies:CreatePolicy',
    ]);
    const { rows } = await withSuperuser(api, (pool) =>
      pool.query<{ topic: string }>(
        `SELECT topic FROM outbox_events WHERE org_id = $1 AND topic LIKE 'policy.%' ORDER BY id`,
        [toUuid(owner.orgId)],
      ),
    );
    expect(rows.map(({ topic }) => topic)).toEqual(['policy.changed', 'policy.changed', 'policy.deleted']);
  });

  it('a name is there once in an organization', async () => {
    const { id } = await make();
    expect((await owner.post('/policies', POLICY)).body.code).toBe('name_taken');
    const other = await make({ name: 'Other' });
    expect((await owner.patch(`/policies/${other.id}`, { name: 'No GPT' })).body.code).toBe('name_taken');
    expect((await owner.patch(`/policies/${id}`, { name: 'No GPT' })).status).toBe(200);
    expect((await (await api.owner()).post('/policies', POLICY)).status).toBe(201);
  });

  it.each([
    ['a list is needed', { type: 'models' }, '/rules/0'],
    ['a field of another type', { ...DENY, max: 5 }, '/rules/0/max'],
    ['a slug that is none', { type: 'providers', deny: ['openay'] }, '/rules/0/deny/0'],
    ['a kind that is none', { type: 'tools', kinds: ['ftp'] }, '/rules/0/kinds/0'],
    ['no max', { type: 'max_output_tokens' }, '/rules/0/max'],
    [
      'a zone that is none',
      { type: 'time_window', days: [1], from: '08:00', to: '18:00', timeZone: 'Mars/Base' },
      '/rules/0/timeZone',
    ],
    [
      'a minute that is none',
      { type: 'time_window', days: [1], from: '8', to: '18:00', timeZone: 'UTC' },
      '/rules/0/from',
    ],
    [
      'a kind of personal data that is none',
      { type: 'pii', kinds: ['email', 'names'], on: 'both', action: 'block' },
      '/rules/0/kinds/1',
    ],
    ['a side that is missing', { type: 'pii', action: 'block' }, '/rules/0/on'],
    [
      'a pattern that only another engine has',
      { type: 'pattern', pattern: 'a(?=b)', on: 'input', action: 'block' },
      '/rules/0/pattern',
    ],
    ['no level', { type: 'retention' }, '/rules/0/content'],
  ])('%s: 422 at the field', async (_name, rule, pointer) => {
    const { status, body } = await owner.post('/policies', { ...POLICY, rules: [rule] });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    expect((await owner.get('/policies')).body.data).toEqual([]);
  });

  it('#7 scopes, keys and exceptions of another organization are the same 404 as none', async () => {
    const other = await api.owner();
    const { id } = await make();
    const judge = { type: 'judge', instruction: 'x', model: 'm', on: 'input' };
    const foreign = (await other.post('/tokens', { name: 't', kind: 'api' })).body.id;
    const tries = [
      ['/policies', { ...POLICY, name: 'a', scope: { type: 'workspace', id: other.workspaceId } }],
      ['/policies', { ...POLICY, name: 'a', scope: { type: 'workspace', id: newId('ws') } }],
      ['/policies', { ...POLICY, name: 'a', scope: { type: 'token', id: foreign } }],
      ['/policies', { ...POLICY, name: 'a', rules: [{ ...judge, aiProviderId: newId('aip') }] }],
      [`/policies/${id}/approvals`, { workspaceId: other.workspaceId, reason: 'r', expiresAt: inDays(30) }],
      [`/policies/${id}/approvals`, { tokenId: foreign, reason: 'r', expiresAt: inDays(30) }],
      [
        '/policies/dry-run',
        { ...POLICY, name: undefined, scope: { type: 'workspace', id: other.workspaceId } },
      ],
    ] as const;
    const codes = await Promise.all(
      tries.map(async ([path, body]) => (await owner.post(path, body)).body.code),
    );
    expect(codes).toEqual(tries.map(() => 'not_found'));
    expect((await other.get(`/policies/violations?policyId=${id}`)).status).toBe(404);
  });

  it('#2 OWNER and ADMIN manage them, a MEMBER and a token without the action do not', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const member = await joinAs(api, owner, 'MEMBER');
    const { id } = await make({}, admin);
    for (const path of ['/policies', `/policies/${id}`, '/policies/violations'])
      expect([(await admin.get(path)).status, (await member.get(path)).status]).toEqual([200, 403]);
    const permissions = [
      { effect: 'Allow', actions: ['policies:ListPolicies', 'policies:GetPolicy'], resources: ['*'] },
    ];
    const { token } = (await owner.post('/tokens', { name: 'reader', kind: 'api', permissions })).body;
    const reader = api.stranger().withToken(token);
    expect((await reader.get(`/policies/${id}`)).status).toBe(200);
    const refused = [
      await reader.post('/policies', { ...POLICY, name: 'more' }),
      await reader.patch(`/policies/${id}`, { severity: 'LOW' }),
      await reader.delete(`/policies/${id}`),
      await reader.post(`/policies/${id}/approvals`, {
        workspaceId: owner.workspaceId,
        reason: 'r',
        expiresAt: inDays(30),
      }),
      await reader.get('/policies/violations'),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });

  it('end with the workspace that they are for', async () => {
    const ws = (await owner.post('/workspaces', { name: 'short-lived' })).body.id;
    const { id } = await make({ scope: { type: 'workspace', id: ws } });
    await owner.delete(`/workspaces/${ws}`);
    expect((await owner.get(`/policies/${id}`)).status).toBe(404);
  });

  it('a token that takes the place of another stays under its policies, generation after generation', async () => {
    const first = (await owner.post('/tokens', { name: 't', kind: 'api' })).body;
    await make({
      scope: { type: 'token', id: first.id },
      rules: [
        { type: 'time_window', days: [1], from: '00:00', to: '00:00', timeZone: 'UTC' },
        { type: 'time_window', days: [2], from: '00:00', to: '00:00', timeZone: 'UTC' },
      ],
    });
    const second = (await owner.post(`/tokens/${first.id}/roll`, {})).body;
    const third = (await owner.post(`/tokens/${second.id}/roll`, {})).body;
    await owner
      .post('/ai-providers', { name: 'k', provider: 'openai', secret: 'sk-roll-0123456789abcdef' })
      .then(({ body }) =>
        owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
          assignments: [{ aiProviderId: body.id }],
        }),
      );
    const resolve = (who: Person) =>
      who.post(`/workspaces/${owner.workspaceId}/resolve`, { model: 'gpt-4.1' });
    expect((await resolve(api.stranger().withToken(third.token))).body.code).toBe('policy_violation');
    expect((await resolve(owner)).body.ok).toBe(true);
  });
});

describe('#27 the workspace’s models and `resolve`', () => {
  it('tell of a policy as a run would', async () => {
    const { id: key } = (
      await owner.post('/ai-providers', { name: 'k', provider: 'openai', secret: 'sk-res-0123456789abcdef' })
    ).body;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: key }],
    });
    const { id } = await make({ rules: [{ type: 'models', deny: ['openai/gpt-4.1*'] }] });
    const { data, unavailable } = (await owner.get(`/workspaces/${owner.workspaceId}/models`)).body;
    expect(data.some((model: { id: string }) => model.id.startsWith('gpt-4.1'))).toBe(false);
    expect(unavailable).toContainEqual(
      expect.objectContaining({ id: 'gpt-4.1', provider: 'openai', code: 'policy_violation' }),
    );
    const ask = async () =>
      (await owner.post(`/workspaces/${owner.workspaceId}/resolve`, { model: 'gpt-4.1' })).body;
    const refused = await ask();
    expect(refused).toMatchObject({ ok: false, code: 'policy_violation' });
    expect(refused.trace.at(-1)).toMatchObject({ gate: 'policy', ok: false });
    await owner.post(`/policies/${id}/approvals`, {
      ...{ workspaceId: owner.workspaceId, reason: 'incident', expiresAt: inDays(30) },
    });
    expect((await ask()).ok).toBe(true);
  });
});

describe('#49 exceptions', () => {
  it('are listed, end in the future, can be ended before, and are audited', async () => {
    const { id } = await make();
    const path = `/policies/${id}/approvals`;
    const body = { workspaceId: owner.workspaceId, reason: 'incident 7', expiresAt: inDays(30) };
    expect((await owner.post(path, { ...body, expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    const tooLong = await owner.post(path, { ...body, expiresAt: inDays(91) });
    expect([tooLong.status, tooLong.body.errors]).toEqual([
      422,
      [{ pointer: '/expiresAt', detail: expect.stringContaining('90 days') }],
    ]);
    expect((await owner.post(path, { reason: 'for all', expiresAt: body.expiresAt })).status).toBe(422);
    const made = (await owner.post(path, body)).body;
    expect(made).toMatchObject({
      status: 'active',
      createdBy: owner.userId,
      tokenId: null,
      reason: 'incident 7',
    });
    expect((await owner.get(`/policies/${id}`)).body.approvalCount).toBe(1);
    expect((await owner.delete(`${path}/${made.id}`)).status).toBe(204);
    expect((await owner.delete(`${path}/${made.id}`)).status).toBe(204);
    expect((await owner.get(path)).body.data).toMatchObject([{ id: made.id, status: 'revoked' }]);
    const other = await make({ name: 'another' });
    expect((await owner.delete(`/policies/${other.id}/approvals/${made.id}`)).status).toBe(404);
    const { data } = (await owner.get(`/audit-events?target=${id}`)).body;
    expect(data.map(({ action }: { action: string }) => action).slice(0, 2)).toEqual([
      'policies:RevokeApproval',
      'policies:CreateApproval',
    ]);
  });
});

describe('#47 violations', () => {
  it('are listed newest first, filtered, paged and counted, also of a policy that is gone', async () => {
    const [a, b] = [await make(), await make({ name: 'b', severity: 'LOW' })];
    for (const detail of ['one', 'two', 'three']) await addViolation(api, owner, a.id, { detail });
    await addViolation(api, owner, b.id, { severity: 'LOW', action: 'logged', detail: 'mild' });
    const details = async (query: string) =>
      (await owner.get(`/policies/violations${query}`)).body.data.map(
        ({ detail }: { detail: string }) => detail,
      );
    expect(await details('')).toEqual(['mild', 'three', 'two', 'one']);
    expect(await details(`?policyId=${a.id}&limit=2`)).toEqual(['three', 'two']);
    expect(await details('?severity=LOW')).toEqual(['mild']);
    expect(await details('?action=blocked&to=2020-01-01T00:00:00Z')).toEqual([]);
    const { nextCursor } = (await owner.get('/policies/violations?limit=3')).body;
    expect(await details(`?limit=3&cursor=${nextCursor}`)).toEqual(['one']);
    const { data } = (await owner.get('/policies')).body;
    expect(data.map(({ violationCount }: { violationCount: number }) => violationCount)).toEqual([3, 1]);
    await owner.delete(`/policies/${a.id}`);
    expect(await details(`?policyId=${a.id}&limit=1`)).toEqual(['three']);
  });
});

describe('#49 dry run', () => {
  async function runs(): Promise<void> {
    await withSuperuser(api, async (pool) => {
      const [org, ws] = [toUuid(owner.orgId), toUuid(owner.workspaceId)];
      const add = async (
        model: string,
        tools: object[] | null,
        max: number | null,
        surface: string | null,
      ) => {
        const run = newUuid();
        await pool.query(
          `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, tools,
             max_output_tokens, surface) VALUES ($1, $2, $3, $4, 'h', 'tok_x', 'succeeded', $5, $6, $7)`,
          [org, run, ws, run, tools && JSON.stringify(tools), max, surface],
        );
        await pool.query(
          `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model,
             principal_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens)
           SELECT $1, gen_random_uuid(), $2, $3, gen_random_uuid(), 1, 'openai', $4, 'tok_x', 'ok', 1, 1, 0, 0
           FROM generate_series(1, 2)`,
          [org, run, ws, model],
        );
      };
      await add('gpt-4.1', [{ kind: 'http', name: 'send_mail' }], 9_000, 'chat');
      await add('gpt-4.1', [], null, null);
      await add('o3', null, null, null);
    });
  }

  it('says which runs would have been refused, by which rule, and of how many it cannot tell', async () => {
    await runs();
    const rules = [
      DENY,
      { type: 'tools', deny: ['send_*'] },
      { type: 'max_output_tokens', max: 100 },
      { type: 'surfaces', allow: ['chat'] },
    ];
    const { status, body } = await owner.post('/policies/dry-run', {
      scope: POLICY.scope,
      severity: 'HIGH',
      rules,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ action: 'blocked', runs: 3, matched: 2, truncated: false });
    expect(body.rules).toEqual([
      { index: 0, type: 'models', matched: 2, notJudged: 0 },
      { index: 1, type: 'tools', matched: 1, notJudged: 1 },
      { index: 2, type: 'max_output_tokens', matched: 1, notJudged: 1 },
      { index: 3, type: 'surfaces', matched: 1, notJudged: 1 },
    ]);
    expect(body.samples).toHaveLength(2);
    expect(body.samples[0]).toMatchObject({ provider: 'openai', model: 'gpt-4.1', ruleIndex: 0 });
    expect((await owner.get('/policies')).body.data).toEqual([]);
  });

  it('looks within its scope only', async () => {
    await runs();
    const token = (await owner.post('/tokens', { name: 't', kind: 'api' })).body.id;
    const scope = { type: 'token', id: token };
    const { body } = await owner.post('/policies/dry-run', { scope, severity: 'LOW', rules: [DENY] });
    expect(body).toMatchObject({ runs: 0, matched: 0, action: 'logged' });
  });
});
