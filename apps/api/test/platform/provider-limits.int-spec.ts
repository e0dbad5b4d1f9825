import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import type { Person } from '../support/person.js';
import { PgPool, withTenantPg } from '#lib/persistence';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';

describe('#44 rate limits in the control plane', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  let keyId: string;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    owner = await api.owner();
    operator = api.stranger().withToken(OPERATOR_TOKEN);
    const secret = 'sk-proj-0123456789abcdefghij-Zq9f';
    keyId = (
      await owner.post('/ai-providers', { name: 'K', provider: 'openai', secret, limits: { rpm: 60 } })
    ).body.id;
    const assignments = [{ aiProviderId: keyId }];
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
  });
  afterAll(() => api.stop());
  /** Rows that the control plane's own role gets, with the tenant set as it always is. */
  const seenBy = async (orgId: string): Promise<object[]> => {
    const pool = new PgPool({ databaseUrl: api.database.apiUrl, max: 1 });
    const { rows } = await withTenantPg(pool, orgId, (tx) => tx.query('SELECT name FROM rate_buckets'));
    await pool.close();
    return rows;
  };
  const resolve = async (who: Person) =>
    (await who.post(`/workspaces/${owner.workspaceId}/resolve`, { provider: 'openai' })).body;

  it('the operator sets those of a provider, replaces them and takes them away; nobody else may', async () => {
    const path = '/platform/provider-limits/openai';
    expect((await operator.put(path, { rpm: 10, tpm: 5_000 })).body).toEqual({
      provider: 'openai',
      limits: { rpm: 10, tpm: 5_000 },
    });
    expect((await operator.put(path, { rpd: 7 })).body.limits).toEqual({ rpd: 7 });
    expect((await operator.get('/platform/provider-limits')).body.data).toEqual([
      { provider: 'openai', limits: { rpd: 7 } },
    ]);
    expect((await operator.put(path, {})).body.limits).toEqual({});
    expect((await operator.get('/platform/provider-limits')).body.data).toEqual([]);
    expect((await owner.put(path, { rpm: 1 })).status).toBe(401);
    const unknown = await operator.put('/platform/provider-limits/opennai', { rpm: 1 });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_provider']);
    expect(unknown.body.detail).toContain('openai');
    const wrong = await operator.put(path, { rpm: 0, rps: 3 });
    expect([wrong.status, wrong.body.errors.length]).toEqual([422, 2]);
  });

  it('a token has its own, kept when it is rolled', async () => {
    const made = await owner.post('/tokens', { name: 'T', kind: 'engine', limits: { rpm: 5 } });
    expect([made.status, made.body.limits]).toEqual([201, { rpm: 5 }]);
    const rolled = await owner.post(`/tokens/${made.body.id}/roll`, {});
    expect(rolled.body.limits).toEqual({ rpm: 5 });
    expect((await owner.post('/tokens', { name: 'U', kind: 'engine' })).body.limits).toBeNull();
  });

  it('resolve shows what is left of each, from the engines’ own count, of the own organization only', async () => {
    expect((await resolve(owner)).headRoom).toEqual([
      { scope: 'key', id: keyId, metric: 'rpm', limit: 60, used: 0, left: 60, windowSeconds: 60 },
    ]);
    const counted = { time: [0, 0, 0], rpm: [Math.floor(Date.now() / 500), 23], rpd: [], tpm: [] };
    const insert = 'INSERT INTO rate_buckets (name, state) VALUES ($1, $2)';
    const engine = new PgPool({ databaseUrl: api.database.engineUrl, max: 1 });
    await engine.query(insert, [`${toUuid(owner.orgId)}/key/${keyId}`, JSON.stringify(counted)]);
    expect((await resolve(owner)).headRoom).toMatchObject([{ used: 23, left: 37 }]);

    await engine.close();
    expect(await seenBy(owner.orgId)).toHaveLength(1);
    const other = await api.owner();
    expect(await seenBy(other.orgId)).toEqual([]);
  });
});
