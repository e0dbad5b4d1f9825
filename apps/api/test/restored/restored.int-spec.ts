import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CheckpointStore, PgPool, RestoreWatch } from '#lib/persistence';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { inDays } from '../support/times.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
/** What goes on, written down a second time: a new one is a decision. */
const GOES_ON = [
  'DELETE /api/v1/ai-providers/{id}',
  'DELETE /api/v1/auth/sessions/{id}',
  'DELETE /api/v1/invites/{id}',
  'DELETE /api/v1/mcp-servers/{mcpServerId}',
  'DELETE /api/v1/members/{id}',
  'DELETE /api/v1/orgs/{id}',
  'DELETE /api/v1/policies/{policyId}/approvals/{approvalId}',
  'DELETE /api/v1/secrets/{id}',
  'DELETE /api/v1/tokens/{id}',
  'DELETE /api/v1/webhooks/{webhookId}',
  'DELETE /api/v1/workspaces/{id}',
  'DELETE /api/v1/workspaces/{id}/members/{memberId}',
  'PATCH /api/v1/ai-providers/{id}',
  'PATCH /api/v1/invites/{id}',
  'PATCH /api/v1/mcp-servers/{mcpServerId}',
  'PATCH /api/v1/members/{id}',
  'PATCH /api/v1/policies/{policyId}',
  'PATCH /api/v1/webhooks/{webhookId}',
  'POST /api/v1/auth/active-org',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/password',
  'POST /api/v1/policies',
  'POST /api/v1/policies/dry-run',
  'POST /api/v1/workspaces/{id}/resolve',
  'PUT /api/v1/orgs/current/kill-switch',
  'PUT /api/v1/platform/kill-switch',
  'PUT /api/v1/platform/orgs/{orgId}/kill-switch',
  'PUT /api/v1/providers/{slug}',
  'PUT /api/v1/workspaces/{id}/ai-providers',
  'PUT /api/v1/workspaces/{id}/mcp-servers',
  'PUT /api/v1/workspaces/{id}/members/{memberId}',
];
/** What is refused: gives something, or changes what somebody may look at. Each new route decides for one of both lists. */
const REFUSED = [
  'DELETE /api/v1/orgs/current/kms',
  'DELETE /api/v1/platform/providers/{slug}',
  'DELETE /api/v1/policies/{policyId}',
  'DELETE /api/v1/price-overrides/{priceOverrideId}',
  'DELETE /api/v1/quotas/{quotaId}',
  'PATCH /api/v1/orgs/{id}',
  'PATCH /api/v1/quotas/{quotaId}',
  'PATCH /api/v1/workspaces/{id}',
  'POST /api/v1/ai-providers',
  'POST /api/v1/ai-providers/import',
  'POST /api/v1/ai-providers/{id}/rotate',
  'POST /api/v1/ai-providers/{id}/test',
  'POST /api/v1/auth/signup',
  'POST /api/v1/invites',
  'POST /api/v1/invites/{token}/accept',
  'POST /api/v1/mcp-servers',
  'POST /api/v1/members/{id}/approve',
  'POST /api/v1/notices/{id}/dismiss',
  'POST /api/v1/platform/catalogue/rollback',
  'POST /api/v1/policies/{policyId}/approvals',
  'POST /api/v1/price-overrides',
  'POST /api/v1/quotas',
  'POST /api/v1/secrets',
  'POST /api/v1/secrets/{id}/rotate',
  'POST /api/v1/tokens',
  'POST /api/v1/tokens/{id}/roll',
  'POST /api/v1/webhooks',
  'POST /api/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
  'POST /api/v1/webhooks/{webhookId}/rotate-secret',
  'POST /api/v1/webhooks/{webhookId}/test',
  'POST /api/v1/workspaces',
  'PUT /api/v1/model-aliases',
  'PUT /api/v1/orgs/current/kms',
  'PUT /api/v1/platform/catalogue',
  'PUT /api/v1/platform/orgs/{id}/plan',
  'PUT /api/v1/platform/provider-limits/{slug}',
  'PUT /api/v1/platform/providers/{slug}',
];
const STOP = { enabled: true, reason: 'revived' };
const POLICY = { scope: { type: 'organization' }, rules: [{ type: 'models', deny: ['*'] }] };

describe('the control plane over a restored old copy', () => {
  let api: TestApi;
  let db: PgPool;
  let owner: Person;
  let keys: string[];
  let tokenId: string;
  let memberId: string;
  let inviteId: string;
  let policyId: string;
  let approvalId: string;

  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    db = new PgPool({ databaseUrl: api.database.superuserUrl, max: 2 });
    owner = await api.owner();
    keys = [await addKey('First'), await addKey('Second')];
    expect((await assign(...keys)).status).toBe(200);
    tokenId = (await owner.post('/tokens', { name: 'flows', kind: 'engine' })).body.id;
    memberId = (await joinAs(api, owner, 'ADMIN')).memberId;
    inviteId = (await owner.post('/invites', { role: 'MEMBER' })).body.id;
    policyId = (await owner.post('/policies', { ...POLICY, name: 'P', severity: 'HIGH', enabled: false }))
      .body.id;
    const exception = { workspaceId: owner.workspaceId, reason: 'r', expiresAt: inDays(30) };
    approvalId = (await owner.post(`/policies/${policyId}/approvals`, exception)).body.id;
    expect((await owner.get('/installation')).body).toEqual({ restored: false, detail: null });
    await db.query(`SELECT lookup.note_restore('old_copy', 9)`);
    await api.app.get(RestoreWatch).compare();
  });
  afterAll(async () => {
    await db.close();
    await api.stop();
  });

  async function addKey(name: string): Promise<string> {
    const body = { name, provider: 'openai', secret: `sk-restored-${name}-0123456789` };
    return (await owner.post('/ai-providers', body)).body.id;
  }
  const assign = (...ids: string[]) =>
    owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: ids.map((aiProviderId) => ({ aiProviderId })),
    });

  it('answers every other write with what happened and what still goes, and changes nothing', async () => {
    const operator = api.stranger().withToken(OPERATOR_TOKEN);
    const ws = `/workspaces/${owner.workspaceId}`;
    const { body: members } = await owner.get('/members');
    const grant = `${ws}/members/${members.data[0].id}`;
    const refused = [
      await owner.post('/ai-providers', { name: 'New', provider: 'openai', secret: 'sk-new-0123456789' }),
      await owner.patch(`/ai-providers/${keys[0]}`, { enabled: true }),
      await owner.patch(`/ai-providers/${keys[0]}`, { enabled: false, name: 'Renamed' }),
      await owner.post(`/ai-providers/${keys[0]}/test`, {}),
      await owner.post('/tokens', { name: 'more', kind: 'engine' }),
      await owner.post(`/tokens/${tokenId}/roll`, {}),
      await owner.post('/invites', { role: 'OWNER' }),
      await owner.patch(`/members/${memberId}`, { role: 'OWNER' }),
      await owner.put(grant, { canEdit: false, canDelete: true, canExecute: false }),
      await owner.put('/providers/openai', { enabled: true }),
      await operator.put('/platform/kill-switch', { enabled: false, reason: 'x' }),
      await operator.put(`/platform/orgs/${owner.orgId}/kill-switch`, { ...STOP, enabled: false }),
      await owner.put('/orgs/current/kill-switch', { ...STOP, enabled: false }),
      await owner.post('/policies', { ...POLICY, name: 'Low', severity: 'LOW' }),
      await owner.post('/policies', { ...POLICY, name: 'Off', severity: 'HIGH', enabled: false }),
      await owner.patch(`/policies/${policyId}`, { enabled: false }),
      await owner.patch(`/policies/${policyId}`, { enabled: true, severity: 'LOW' }),
      await api.stranger().post('/auth/signup', {
        ...{ email: 'late@example.test', password: 'correct horse battery', name: 'L', orgName: 'L' },
      }),
      await owner.put(`${ws}/ai-providers`, { assignments: [{ aiProviderId: keys[0], weight: 5 }] }),
    ];
    for (const answer of refused) {
      expect(answer.body).toMatchObject({ status: 503, code: 'database_restored' });
      expect(answer.body.detail).toMatch(/acknowledged.*revoking tokens/);
    }
    expect((await owner.get('/tokens')).body.data).toHaveLength(1);
  });

  it('lets people look, sign in, and take away what revived', async () => {
    const again = api.stranger();
    expect((await again.logIn(owner.email)).status).toBe(200);
    expect((await again.get('/ai-providers')).body.data).toHaveLength(2);
    expect((await again.get('/installation')).body).toMatchObject({
      restored: true,
      detail: expect.stringContaining('operator'),
    });
    expect((await assign(keys[0]!)).status).toBe(200);
    expect((await assign(...keys)).body).toMatchObject({ code: 'database_restored' });
    expect((await owner.patch(`/ai-providers/${keys[0]}`, { enabled: false })).body.enabled).toBe(false);
    expect((await assign()).status).toBe(200);
    expect((await owner.delete(`/ai-providers/${keys[1]}`)).status).toBe(204);
    expect((await owner.delete(`/tokens/${tokenId}`)).status).toBe(204);
    expect((await owner.patch(`/invites/${inviteId}`, { enabled: false })).status).toBe(200);
    expect((await owner.patch(`/members/${memberId}`, { role: 'MEMBER' })).status).toBe(200);
    expect((await owner.delete(`/members/${memberId}`)).status).toBe(204);
    expect((await owner.put('/providers/openai', { enabled: false })).status).toBe(200);
    const operator = api.stranger().withToken(OPERATOR_TOKEN);
    expect((await operator.put('/platform/kill-switch', { enabled: true, reason: 'x' })).status).toBe(200);
    expect((await owner.delete(`/policies/${policyId}/approvals/${approvalId}`)).status).toBe(204);
    expect((await owner.patch(`/policies/${policyId}`, { enabled: true })).status).toBe(200);
    expect((await owner.post('/policies', { ...POLICY, name: 'Stop', severity: 'HIGH' })).status).toBe(201);
    expect((await owner.put('/orgs/current/kill-switch', STOP)).body).toMatchObject({ enabled: true });
    const stopped = await operator.put(`/platform/orgs/${owner.orgId}/kill-switch`, STOP);
    expect(stopped.body.stops).toHaveLength(2);
    expect((await again.post('/auth/logout')).status).toBe(204);
  });

  it('names in its document what goes on', async () => {
    const { body } = await api.stranger().get('/openapi.json');
    const found = Object.entries<Record<string, object>>(body.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => 'x-while-restored' in operation)
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(found.sort()).toEqual(GOES_ON);
  });

  it('every other write that there is stands among the refused, and is', async () => {
    const { body } = await api.stranger().get('/openapi.json');
    const writes = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(writes.sort()).toEqual([...GOES_ON, ...REFUSED].sort());
    const operator = api.stranger().withToken(OPERATOR_TOKEN);
    for (const route of REFUSED) {
      const [method = '', path = ''] = route.split(' ');
      const target = path
        .replace('/api/v1', '')
        .replace(/^\/(orgs|workspaces)\/\{id\}/, (_, room) =>
          room === 'orgs' ? `/orgs/${owner.orgId}` : `/workspaces/${owner.workspaceId}`,
        )
        .replace(/\{\w+\}/g, 'x');
      const who = target.startsWith('/platform/') ? operator : owner;
      const answer = await who.send(method, target, method === 'DELETE' ? undefined : {});
      expect([route, answer.body.code]).toEqual([route, 'database_restored']);
    }
  });

  it('writes again once an operator has acknowledged it', async () => {
    expect(await new CheckpointStore(db).acknowledgeRestore(9, 'disk lost')).toBe(10);
    await api.app.get(RestoreWatch).compare();
    expect((await owner.get('/installation')).body).toEqual({ restored: false, detail: null });
    expect((await owner.post('/tokens', { name: 'more', kind: 'engine' })).status).toBe(201);
  });

  it('neither it nor an engine may acknowledge by itself, nor may it say that all is lost', async () => {
    for (const databaseUrl of [api.database.apiUrl, api.database.engineUrl]) {
      const pool = new PgPool({ databaseUrl, max: 1 });
      await expect(pool.query(`SELECT lookup.acknowledge_restore(99, 'x')`)).rejects.toMatchObject({
        code: '42501',
      });
      await expect(pool.query('DELETE FROM restore_notices')).rejects.toMatchObject({ code: '42501' });
      await pool.close();
    }
    const pool = new PgPool({ databaseUrl: api.database.apiUrl, max: 1 });
    await expect(pool.query(`SELECT lookup.note_restore('old_copy', 1)`)).rejects.toMatchObject({
      code: '42501',
    });
    await pool.close();
  });
});
