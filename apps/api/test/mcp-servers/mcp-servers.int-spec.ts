import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'mcp-secret-0123456789abcdefZq9f';
const SERVER = { name: 'Tickets', url: 'https://1.1.1.1/mcp' };

let api: TestApi;
let owner: Person;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  owner = await api.owner();
});

const register = async (more: object = {}, by = owner): Promise<{ id: string; version: number }> => {
  const answer = await by.post('/mcp-servers', { ...SERVER, ...more });
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return answer.body;
};
const assign = (assignments: object[], by = owner, headers?: Record<string, string>) =>
  by.send('PUT', `/workspaces/${owner.workspaceId}/mcp-servers`, { assignments }, headers);
/** What is stored of the secrets of the owner's organization. */
const secrets = () =>
  withSuperuser(api, async (pool) => {
    const { rows } = await pool.query<{ state: string; origins: string[]; version: number }>(
      `SELECT v.state, v.origins, v.version FROM secret_versions v WHERE v.org_id = $1 ORDER BY v.version`,
      [toUuid(owner.orgId)],
    );
    return rows;
  });
const auditOf = async (target: string) =>
  (await owner.get(`/audit-events?target=${target}`)).body.data as { action: string; change: object }[];

describe('#29 MCP servers', () => {
  it('are registered, read, changed and deleted; the secret is write-only and sealed for the URL’s origin', async () => {
    const made = await owner.post('/mcp-servers', { ...SERVER, secret: SECRET });
    const { id } = made.body;
    expect(made.body).toMatchObject({
      ...SERVER,
      hasValue: true,
      mask: expect.stringMatching(/Zq9f$/),
      enabled: true,
    });
    expect(made.body).toMatchObject({ version: 1, workspaceCount: 0, orgId: owner.orgId });
    expect((await owner.get(`/mcp-servers/${id}`)).body).toEqual(made.body);
    expect((await owner.get('/mcp-servers')).body.data).toEqual([made.body]);
    expect(await secrets()).toEqual([{ state: 'active', version: 1, origins: ['https://1.1.1.1:443'] }]);
    const renamed = await owner.patch(`/mcp-servers/${id}`, { name: 'Issues', enabled: false });
    expect(renamed.body).toMatchObject({ name: 'Issues', enabled: false, hasValue: true, version: 2 });
    expect((await owner.delete(`/mcp-servers/${id}`)).status).toBe(204);
    expect((await owner.get(`/mcp-servers/${id}`)).status).toBe(404);
    expect(await secrets()).toEqual([]);
    const trail = await auditOf(id);
    expect(trail.map(({ action }) => action).sort()).toEqual([
      'mcpServers:CreateMcpServer',
      'mcpServers:DeleteMcpServer',
      'mcpServers:UpdateMcpServer',
    ]);
    expect(JSON.stringify([trail, made.body, renamed.body])).not.toContain(SECRET);
  });

  it('#37 whether its calls wait for somebody’s word, and whose, is the OWNERs’ to say, and on record', async () => {
    const made = await owner.post('/mcp-servers', SERVER);
    expect(made.body).toMatchObject({ approval: 'none', approvers: 'anyone' });
    const strict = { approval: 'always', approvers: 'people' };
    const changed = await owner.patch(`/mcp-servers/${made.body.id}`, strict);
    expect(changed.body).toMatchObject({ ...strict, version: 2 });
    expect((await owner.patch(`/mcp-servers/${made.body.id}`, strict)).body.version).toBe(2);
    expect((await owner.patch(`/mcp-servers/${made.body.id}`, { enabled: false })).body).toMatchObject(
      strict,
    );
    expect((await auditOf(made.body.id)).map(({ change }) => change)).toContainEqual({
      ...{ approval: ['none', 'always'], approvers: ['anyone', 'people'] },
    });
    const admin = await joinAs(api, owner, 'ADMIN');
    expect((await admin.patch(`/mcp-servers/${made.body.id}`, { approval: 'none' })).status).toBe(403);
    const wrong = await owner.post('/mcp-servers', { ...SERVER, name: 'Other', approval: 'sometimes' });
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([422, '/approval']);
    const second = await owner.post('/mcp-servers', { ...SERVER, name: 'Other', ...strict });
    expect(second.body).toMatchObject(strict);
  });

  it('a name is one server’s alone, also when two ask at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => owner.post('/mcp-servers', SERVER)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const other = await register({ name: 'Other' });
    const taken = await owner.patch(`/mcp-servers/${other.id}`, { name: SERVER.name });
    expect([taken.status, taken.body.code]).toEqual([409, 'name_taken']);
  });

  it('Idempotency-Key and If-Match hold as elsewhere', async () => {
    const headers = { 'idempotency-key': 'one' };
    const [first, again] = [
      await owner.send('POST', '/mcp-servers', { ...SERVER, secret: SECRET }, headers),
      await owner.send('POST', '/mcp-servers', { ...SERVER, secret: SECRET }, headers),
    ];
    expect(again.body).toEqual(first.body);
    const path = `/mcp-servers/${first.body.id}`;
    const stale = await owner.send('PATCH', path, { name: 'A' }, { 'if-match': '"other"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    const fresh = await owner.send(
      'PATCH',
      path,
      { name: 'A' },
      { 'if-match': String(first.headers['etag']) },
    );
    expect(fresh.status).toBe(200);
  });

  it('#50 an address that tenants may not reach is refused when it is saved, and when it is changed', async () => {
    for (const url of [
      'http://127.0.0.1/mcp',
      'https://169.254.169.254/',
      'https://10.0.0.1/',
      'ftp://1.1.1.1/',
    ]) {
      const { status, body } = await owner.post('/mcp-servers', { name: 'In', url });
      expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'egress_blocked', '/url']);
    }
    const { id } = await register();
    const moved = await owner.patch(`/mcp-servers/${id}`, { url: 'https://192.168.0.1/mcp' });
    expect([moved.status, moved.body.code]).toEqual([422, 'egress_blocked']);
  });

  it('a stored secret goes to no other origin: it is entered again, or cleared', async () => {
    const { id } = await register({ secret: SECRET });
    const path = `/mcp-servers/${id}`;
    expect((await owner.patch(path, { url: 'https://1.1.1.1/other' })).status).toBe(200);
    const moved = await owner.patch(path, { url: 'https://1.0.0.1/mcp' });
    expect([moved.status, moved.body.code]).toEqual([422, 'secret_required']);
    const both = await owner.patch(path, { secret: SECRET, clear: ['secret'] });
    expect([both.status, both.body.code]).toEqual([422, 'validation_failed']);
    const entered = await owner.patch(path, { url: 'https://1.0.0.1/mcp', secret: `${SECRET}2` });
    expect(entered.body).toMatchObject({ url: 'https://1.0.0.1/mcp', hasValue: true });
    expect(await secrets()).toEqual([
      { state: 'draining', version: 1, origins: ['https://1.1.1.1:443'] },
      { state: 'active', version: 2, origins: ['https://1.0.0.1:443'] },
    ]);
    const cleared = await owner.patch(path, { clear: ['secret'] });
    expect(cleared.body).toMatchObject({ hasValue: false, mask: null });
    expect(await secrets()).toEqual([]);
  });

  it('their secrets are changed with them alone, and no key can be linked to one', async () => {
    const { id } = await register({ secret: SECRET });
    const [{ id: secretId, ownerServerId }] = (await owner.get('/secrets')).body.data;
    expect(ownerServerId).toBe(id);
    const answers = [
      await owner.post(`/secrets/${secretId}/rotate`, { secret: SECRET }),
      await owner.delete(`/secrets/${secretId}`),
      await owner.post('/ai-providers', {
        ...{ name: 'k', provider: 'custom', secretId, baseUrl: 'https://1.1.1.1/v1', defaultModel: 'm' },
      }),
    ];
    expect(answers.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      '409 conflict',
      '409 conflict',
      '422 secret_required',
    ]);
  });

  it('#41 the plan’s limit holds, also when many ask at once', async () => {
    await withSuperuser(api, (pool) =>
      pool.query(
        `INSERT INTO plans VALUES ('two-servers', '{"mcpServers": 2}') ON CONFLICT DO NOTHING;
         UPDATE orgs SET plan = 'two-servers' WHERE org_id = '${toUuid(owner.orgId)}'`,
        [],
      ),
    );
    const names = ['a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(names.map((name) => owner.post('/mcp-servers', { ...SERVER, name })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    const refused = answers.find(({ status }) => status === 403);
    expect(refused?.body).toMatchObject({ code: 'plan_limit_reached', limit: 'mcpServers', used: 2, max: 2 });
    const [{ id }] = (await owner.get('/mcp-servers')).body.data;
    await owner.delete(`/mcp-servers/${id}`);
    expect((await owner.post('/mcp-servers', { ...SERVER, name: 'f' })).status).toBe(201);
  });
});

describe('#29 handing MCP servers to workspaces', () => {
  it('is all or nothing, with an ETag, and a new server is in none', async () => {
    const [one, two] = [await register(), await register({ name: 'Two' })];
    const path = `/workspaces/${owner.workspaceId}/mcp-servers`;
    expect((await owner.get(path)).body).toEqual({ data: [] });
    const given = await assign([{ mcpServerId: two.id, active: false }, { mcpServerId: one.id }]);
    expect(given.body.data).toEqual([
      { mcpServerId: one.id, ...SERVER, enabled: true, active: true },
      { mcpServerId: two.id, ...SERVER, name: 'Two', enabled: true, active: false },
    ]);
    expect((await owner.get(path)).body).toEqual(given.body);
    const stranger = await api.owner();
    const foreign = await register({}, stranger);
    for (const mcpServerId of [foreign.id, newId('mcp'), 'nonsense']) {
      const { status, body } = await assign([{ mcpServerId }]);
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
    const twice = await assign([{ mcpServerId: one.id }, { mcpServerId: one.id }]);
    expect([twice.status, twice.body.errors[0].pointer]).toEqual([422, '/assignments/1/mcpServerId']);
    expect((await assign([], owner, { 'if-match': '"stale"' })).status).toBe(412);
    expect((await assign([], owner, { 'if-match': String(given.headers['etag']) })).body).toEqual({
      data: [],
    });
    expect(
      (await auditOf(owner.workspaceId)).filter(({ action }) => action === 'mcpServers:AssignMcpServer'),
    ).toHaveLength(2);
  });

  it('#24 one in use is deleted by force only, with its assignments', async () => {
    const { id } = await register({ secret: SECRET });
    await assign([{ mcpServerId: id }]);
    const refused = await owner.delete(`/mcp-servers/${id}`);
    expect(refused.body).toMatchObject({
      code: 'conflict',
      forcible: true,
      dependents: { counts: { workspaces: 1 } },
    });
    expect((await owner.delete(`/mcp-servers/${id}?force=true`)).status).toBe(204);
    expect((await owner.get(`/workspaces/${owner.workspaceId}/mcp-servers`)).body).toEqual({ data: [] });
    expect(await secrets()).toEqual([]);
  });

  it('#2 is the OWNER’s alone; an ADMIN lists, and a MEMBER sees those of a workspace that they joined', async () => {
    const { id } = await register();
    await assign([{ mcpServerId: id }]);
    const [admin, member] = [await joinAs(api, owner, 'ADMIN'), await joinAs(api, owner, 'MEMBER')];
    const statuses = async (by: Person) => [
      (await by.get('/mcp-servers')).status,
      (await by.post('/mcp-servers', { ...SERVER, name: 'Mine' })).status,
      (await by.patch(`/mcp-servers/${id}`, { enabled: false })).status,
      (await by.delete(`/mcp-servers/${id}`)).status,
      (await assign([], by)).status,
    ];
    expect(await statuses(admin)).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses(member)).toEqual([403, 403, 403, 403, 403]);
    const path = `/workspaces/${owner.workspaceId}/mcp-servers`;
    expect((await member.get(path)).status).toBe(404);
    await owner.put(`/workspaces/${owner.workspaceId}/members/${member.memberId}`, {
      ...{ canEdit: false, canDelete: false, canExecute: false },
    });
    expect((await member.get(path)).body.data).toHaveLength(1);
  });
});

describe('#60 secrets for tools', () => {
  const make = (name: string, more: object = { tools: true }, by = owner) =>
    by.post('/secrets', { name, secret: SECRET, origins: ['https://1.1.1.1'], ...more });

  it('are said to be so when they are made, under a name of their own', async () => {
    const made = await make('tickets');
    expect([made.status, made.body.tools, (await make('keys', {})).body.tools]).toEqual([201, true, false]);
    const answers = await Promise.all([make('again'), make('again'), make('again')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await make('again', {})).status).toBe(201);
    expect((await make('tickets', { tools: true }, await api.owner())).status).toBe(201);
  });

  it('no provider key can be linked to one: what tools may name is not what a workspace was handed', async () => {
    const { id } = (await make('tickets')).body;
    const { status, body } = await owner.post('/ai-providers', {
      ...{ name: 'k', provider: 'custom', secretId: id, baseUrl: 'https://1.1.1.1/v1', defaultModel: 'm' },
    });
    expect([status, body.code]).toEqual([422, 'secret_required']);
  });
});
