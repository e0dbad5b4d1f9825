import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMember, withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

/** Every write to keys, secrets, gates and assignments. */
const writes = (ids: { key: string; secret: string; workspace: string }): [string, string, object?][] => [
  ['POST', '/ai-providers', { name: 'X', provider: 'openai', secret: SECRET }],
  ['PATCH', `/ai-providers/${ids.key}`, { enabled: false }],
  ['DELETE', `/ai-providers/${ids.key}?force=true`],
  ['POST', `/ai-providers/${ids.key}/test`],
  ['POST', `/ai-providers/${ids.key}/rotate`, { secret: SECRET }],
  ['GET', `/ai-providers/${ids.key}/models`],
  ['PUT', `/workspaces/${ids.workspace}/ai-providers`, { assignments: [] }],
  ['PUT', `/workspaces/${ids.workspace}/ai-providers?preview=true`, { assignments: [] }],
  ['PUT', '/providers/openai', { enabled: false }],
  ['POST', '/secrets', { name: 'S', secret: SECRET, origins: ['https://api.openai.com'] }],
  ['POST', `/secrets/${ids.secret}/rotate`, { secret: SECRET }],
  ['DELETE', `/secrets/${ids.secret}`],
];

describe('who may touch keys', () => {
  let api: TestApi;
  let owner: Person;
  let admin: Person;
  let member: Person;
  const ids = { key: '', secret: '', workspace: '' };
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    admin = await addMember(api, owner, 'ADMIN');
    member = await addMember(api, owner, 'MEMBER');
    const origins = ['https://api.openai.com'];
    ids.workspace = owner.workspaceId;
    ids.secret = (await owner.post('/secrets', { name: 'S1', secret: SECRET, origins })).body.id;
    ids.key = (await owner.post('/ai-providers', { name: 'K1', provider: 'openai', secret: SECRET })).body.id;
    await owner.put(`/workspaces/${ids.workspace}/ai-providers`, {
      assignments: [{ aiProviderId: ids.key }],
    });
    const grant = { canEdit: true, canDelete: true, canExecute: true };
    await owner.put(`/workspaces/${ids.workspace}/members/${member.memberId}`, grant);
  });
  afterAll(() => api.stop());

  const snapshot = () =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ state: string }>(
        `SELECT (SELECT json_agg(k ORDER BY id) FROM provider_keys k)::text || (SELECT json_agg(s ORDER BY id) FROM secrets s)::text
           || (SELECT count(*) FROM secret_versions)::text || coalesce((SELECT json_agg(g)::text FROM provider_gates g), '')
           || (SELECT json_agg(a) FROM assignments a)::text || (SELECT max(seq) FROM audit_events)::text AS state`,
        [],
      );
      return rows[0]!.state;
    });

  it.each(['ADMIN', 'MEMBER'])(
    '#2 %s gets 403 on every key write, even with a broken body or id, and changes nothing',
    async (role) => {
      const person = role === 'ADMIN' ? admin : member;
      const before = await snapshot();
      for (const [method, path, body] of writes(ids)) {
        const answer = await person.send(method, path, body);
        expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'forbidden']);
        expect(answer.body.detail).toContain('OWNER');
      }
      const nonsense = { key: 'aip_nonsense', secret: 'sec_nonsense', workspace: 'ws_nonsense' };
      for (const [method, path, body] of writes(nonsense)) {
        const answer = await person.send(method, path, body && { nonsense: 1 });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
      expect(await snapshot()).toBe(before);
    },
  );

  it('#2 ADMIN lists keys without their secrets; MEMBER has no settings at all', async () => {
    expect((await admin.get('/ai-providers')).body.data).toHaveLength(1);
    expect((await admin.get(`/ai-providers/${ids.key}`)).status).toBe(200);
    expect((await admin.get(`/workspaces/${ids.workspace}/ai-providers`)).body.data).toHaveLength(1);
    for (const path of [
      '/ai-providers',
      `/ai-providers/${ids.key}`,
      '/secrets',
      '/plan',
      '/usage',
      '/providers',
    ]) {
      expect([path, (await member.get(path)).status]).toEqual([path, 403]);
    }
    expect((await member.get(`/workspaces/${ids.workspace}/models`)).status).toBe(200);
  });

  it('nobody at all without a session or token: 401', async () => {
    for (const [method, path, body] of writes(ids)) {
      expect([path, (await api.stranger().send(method, path, body)).status]).toEqual([path, 401]);
    }
  });

  it('#7 another organization’s ids answer exactly like ids that do not exist, for every operation', async () => {
    const stranger = await api.owner();
    const unknown = {
      key: ids.key.slice(0, -4) + 'zzzz',
      secret: ids.secret.slice(0, -4) + 'zzzz',
      workspace: ids.workspace.slice(0, -4) + 'zzzz',
    };
    const before = await snapshot();
    const reads = (own: typeof ids): [string, string, object?][] => [
      ['GET', `/ai-providers/${own.key}`],
      ['GET', `/ai-providers/${own.key}/versions`],
      ['GET', `/ai-providers/${own.key}/dependents`],
      ['GET', `/workspaces/${own.workspace}`],
      ['PATCH', `/workspaces/${own.workspace}`, { name: 'Taken over' }],
      ['DELETE', `/workspaces/${own.workspace}`],
      ['GET', `/workspaces/${own.workspace}/ai-providers`],
      ['GET', `/workspaces/${own.workspace}/models`],
      ['POST', `/workspaces/${own.workspace}/resolve`, {}],
      ['GET', `/workspaces/${own.workspace}/members`],
    ];
    const withIds = (own: typeof ids) =>
      [...writes(own), ...reads(own)].filter(([, path]) => path.includes('_'));
    const shape = ({ status, body }: { status: number; body: Record<string, unknown> }) => {
      const { requestId: _id, instance: _instance, ...rest } = body;
      return { status, ...rest };
    };
    const foreign = withIds(ids);
    const missing = withIds(unknown);
    const malformed = withIds({ key: 'aip_x', secret: 'sec_x', workspace: 'ws_x' });
    for (const [i, [method, path, body]] of foreign.entries()) {
      const a = await stranger.send(method, path, body);
      expect([method, path, a.status, a.body.code]).toEqual([method, path, 404, 'not_found']);
      const b = await stranger.send(missing[i]![0], missing[i]![1], missing[i]![2]);
      const c = await stranger.send(malformed[i]![0], malformed[i]![1], malformed[i]![2]);
      expect([path, shape(b)]).toEqual([path, shape(a)]);
      expect([path, shape(c)]).toEqual([path, shape(a)]);
    }
    expect(await snapshot()).toBe(before);
  });

  it('#7 a foreign id in a body is the same 404: a secret to link, a key to assign, a member to grant', async () => {
    const stranger = await api.owner();
    const linked = await stranger.post('/ai-providers', {
      name: 'L',
      provider: 'openai',
      secretId: ids.secret,
    });
    const assigned = await stranger.put(`/workspaces/${stranger.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: ids.key }],
    });
    const grant = { canEdit: true, canDelete: true, canExecute: true };
    const granted = await stranger.put(
      `/workspaces/${stranger.workspaceId}/members/${owner.memberId}`,
      grant,
    );
    expect([linked, assigned, granted].map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
    expect((await stranger.get('/plan')).body.used.keys).toBe(0);
  });
});
