import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMember, withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';
const AUDIT = 'FUNCTION lookup.audit_append(uuid, text, text, text, text, text, jsonb)';

describe('no audit row, no change', () => {
  let api: TestApi;
  let owner: Person;
  let member: Person;
  let key: string;
  let secret: string;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    member = await addMember(api, owner, 'MEMBER');
    key = (await owner.post('/ai-providers', { name: 'K', provider: 'openai', secret: SECRET })).body.id;
    const origins = ['https://api.openai.com'];
    secret = (await owner.post('/secrets', { name: 'S', secret: SECRET, origins })).body.id;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: key }],
    });
  });
  afterAll(() => api.stop());

  const dump = () =>
    withSuperuser(api, async (pool) => {
      const tables = [
        'provider_keys',
        'secrets',
        'secret_versions',
        'assignments',
        'provider_gates',
        'workspaces',
      ];
      const others = ['workspace_grants', 'plan_counters', 'outbox_events', 'audit_events'];
      const parts: string[] = [];
      for (const table of [...tables, ...others]) {
        const { rows } = await pool.query<{ t: string }>(
          `SELECT coalesce(string_agg(x::text, '|' ORDER BY x::text), '') AS t FROM ${table} x`,
          [],
        );
        parts.push(`${table}: ${rows[0]!.t}`);
      }
      return parts;
    });

  it('every change of keys, secrets, gates, assignments and workspaces is undone when its audit row cannot be written', async () => {
    const ws = `/workspaces/${owner.workspaceId}`;
    const grant = { canEdit: true, canDelete: false, canExecute: true };
    const other = (await owner.post('/workspaces', { name: 'Other' })).body.id;
    const changes: [string, string, object?][] = [
      ['POST', '/ai-providers', { name: 'New', provider: 'openai', secret: SECRET }],
      ['PATCH', `/ai-providers/${key}`, { name: 'Renamed', secret: `${SECRET}2` }],
      ['PATCH', `/ai-providers/${key}`, { clear: ['secret'] }],
      ['DELETE', `/ai-providers/${key}?force=true`],
      ['POST', '/secrets', { name: 'New', secret: SECRET, origins: ['https://a.example'] }],
      ['POST', `/secrets/${secret}/rotate`, { secret: SECRET }],
      ['DELETE', `/secrets/${secret}`],
      ['PUT', '/providers/openai', { enabled: false }],
      ['PUT', `${ws}/ai-providers`, { assignments: [] }],
      ['POST', '/workspaces', { name: 'New' }],
      ['PATCH', ws, { name: 'Renamed' }],
      ['DELETE', `/workspaces/${other}`],
      ['PUT', `${ws}/members/${member.memberId}`, grant],
    ];
    const before = await dump();
    await withSuperuser(api, (pool) => pool.query(`REVOKE EXECUTE ON ${AUDIT} FROM claviger_api`, []));
    for (const [method, path, body] of changes) {
      const answer = await owner.send(method, path, body);
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 500, 'internal']);
      expect([method, path, await dump()]).toEqual([method, path, before]);
    }
    await withSuperuser(api, (pool) => pool.query(`GRANT EXECUTE ON ${AUDIT} TO claviger_api`, []));
    for (const [method, path, body] of changes) {
      const answer = await owner.send(method, path, body);
      const gone = path.includes(key) && method === 'PATCH' ? [200] : [200, 201, 204, 404];
      expect(gone).toContain(answer.status);
    }
    expect(await dump()).not.toEqual(before);
  });
});
