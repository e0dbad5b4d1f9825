import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { migrate, verifyAuditChain } from '#lib/persistence';
import { snapshotRows, writesBetween } from '#lib/testing';
import { committedOperations } from '../support/matrix/stage.js';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const PATH = '/platform/audit-events';
const ACME = { name: 'Acme', baseUrl: 'https://api.acme.example/v1', models: [{ id: 'a-1' }] };
const APPEND = 'lookup.audit_append(uuid, text, text, text, text, text, jsonb)';

/** In whose chain an act belongs: acts about one organization are its OWNERs' to read. */
type Chain = 'platform' | 'org';
type Act = [chain: Chain, method: string, path: string, body?: object];

interface Written {
  org: string;
  actor: string;
  request: string;
  ip: string | null;
}

describe('#54 what operators do is in an audit chain', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  /** One real act for each operation with which an operator writes; each changes something after those before it. */
  let acts: Record<string, Act>;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    owner = await api.owner();
    operator = api.stranger().withToken(OPERATOR_TOKEN);
    await operator.put('/platform/providers/acme', ACME);
    acts = {
      'platform.setKillSwitch': ['platform', 'PUT', '/platform/kill-switch', { enabled: true, reason: 'x' }],
      'plans.setOrgPlan': ['org', 'PUT', `/platform/orgs/${owner.orgId}/plan`, { plan: 'team' }],
      'operatorKillSwitch.set': [
        ...(['org', 'PUT', `/platform/orgs/${owner.orgId}/kill-switch`] as const),
        { enabled: true, reason: 'x' },
      ],
      'providerLimits.set': ['platform', 'PUT', '/platform/provider-limits/openai', { rpm: 600 }],
      'platformProviders.put': ['platform', 'PUT', '/platform/providers/openai', { enabled: false }],
      'platformProviders.remove': ['platform', 'DELETE', '/platform/providers/acme'],
      'platformCatalogue.replace': [
        ...(['platform', 'PUT', '/platform/catalogue'] as const),
        { providers: [{ slug: 'anthropic', enabled: false }] },
      ],
      'platformCatalogue.rollBack': ['platform', 'POST', '/platform/catalogue/rollback', { version: 0 }],
    };
  });
  afterAll(() => api.stop());

  const events = (since: Written[] = []): Promise<Written[]> =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<Written>(
        `SELECT org_id::text AS org, actor, request_id AS request, ip FROM audit_events ORDER BY at`,
      );
      return rows.slice(since.length);
    });
  const alter = (sql: string) => withSuperuser(api, (pool) => pool.query(sql));
  const send = (id: string) => {
    const [, method, path, body] = acts[id]!;
    return operator.send(method, path, body, { 'x-request-id': `of-${id}` });
  };

  it('of every operation of the document with which an operator writes', () => {
    const writing = committedOperations().filter(({ operator: only, method }) => only && method !== 'GET');
    expect(Object.keys(acts).sort()).toEqual(writing.map(({ id }) => id).sort());
  });

  it('where the row cannot be written, nothing is changed', async () => {
    await alter(`REVOKE EXECUTE ON FUNCTION ${APPEND} FROM claviger_api`);
    const before = await snapshotRows(api.database.superuserUrl);
    for (const id of Object.keys(acts)) expect([id, (await send(id)).status]).toEqual([id, 500]);
    expect(writesBetween(before, await snapshotRows(api.database.superuserUrl))).toEqual([]);
    await alter(`GRANT EXECUTE ON FUNCTION ${APPEND} TO claviger_api`);
  });

  it('exactly one row of each act, with request id and address; the same again is no act', async () => {
    for (const [id, [chain]] of Object.entries(acts)) {
      const before = await events();
      const { status } = await send(id);
      expect([id, status]).toEqual([id, status === 204 ? 204 : 200]);
      const org = toUuid(chain === 'platform' ? PLATFORM_ORG : owner.orgId);
      const row = { org, actor: 'operator', request: `of-${id}`, ip: '127.0.0.1' };
      expect([id, await events(before)]).toEqual([id, [row]]);
      await send(id);
      expect([id, (await events(before)).length]).toEqual([id, 1]);
    }
  });

  it('the operator reads the platform’s own: newest first, paged, filtered, before and after', async () => {
    const { data } = (await operator.get(`${PATH}?limit=100`)).body;
    expect(data.map(({ seq }: { seq: number }) => seq)).toEqual(
      data.map((_: unknown, index: number) => data.length - index),
    );
    const { data: first, nextCursor, hasMore } = (await operator.get(`${PATH}?limit=2`)).body;
    const { data: second } = (await operator.get(`${PATH}?limit=2&cursor=${nextCursor}`)).body;
    expect([hasMore, [...first, ...second]]).toEqual([true, data.slice(0, 4)]);
    const [limits] = (await operator.get(`${PATH}?action=platform:SetProviderLimits`)).body.data;
    expect(limits).toMatchObject({ target: 'openai', change: { limits: [{}, { rpm: 600 }] } });
    const [stop] = (await operator.get(`${PATH}?action=platform:SetKillSwitch`)).body.data;
    expect(stop).toMatchObject({
      target: 'kill-switch',
      change: { enabled: [false, true], reason: ['', 'x'] },
    });
    const [put] = (await operator.get(`${PATH}?target=openai&action=platform:PutProvider`)).body.data;
    expect(put.change).toEqual({ version: [1, 2], added: ['openai'], changed: [], removed: [] });
    expect((await operator.get(`${PATH}?cursor=nonsense&from=yesterday`)).status).toBe(422);
  });

  it('#7 no tenant sees any of it, whatever they ask; what is about their organization they do', async () => {
    const token = (await owner.post('/tokens', { name: 't', kind: 'api' })).body.token;
    for (const person of [owner, owner.withToken(token), api.stranger()])
      expect((await person.get(PATH)).status).toBe(401);
    for (const path of ['/audit-events?limit=100', '/audit-events/export']) {
      const { text } = await owner.get(path);
      for (const id of Object.keys(acts)) {
        const about = [id, path, acts[id]![0] === 'org'];
        expect([id, path, text.includes(`"of-${id}"`)]).toEqual(about);
      }
    }
    expect((await owner.post('/account/active-org', { orgId: PLATFORM_ORG })).status).toBe(404);
    const path = `/platform/orgs/${PLATFORM_ORG}`;
    expect((await operator.put(`${path}/plan`, { plan: 'team' })).status).toBe(404);
    expect((await operator.put(`${path}/kill-switch`, { enabled: true })).status).toBe(404);
  });

  it('a plan that CLAVIGER_PLANS changes or adds is in it as well; the first ones and unchanged ones are not', async () => {
    const started = (await operator.get(`${PATH}?action=platform:SetPlan`)).body.data;
    const plans = { free: { keys: 4 }, huge: { keys: 1_000 } };
    for (let run = 0; run < 2; run += 1) await migrate(api.database.superuserUrl, { plans });
    const { data } = (await operator.get(`${PATH}?action=platform:SetPlan`)).body;
    expect([started, data.map(({ target }: { target: string }) => target)]).toEqual([[], ['huge', 'free']]);
    expect(data[1]).toMatchObject({ actor: 'system', change: { limits: [{ keys: 3 }, { keys: 4 }] } });
  });

  it('UPDATE, DELETE and TRUNCATE are refused to every process and the owner', async () => {
    const statements = ['audit_events', 'audit_heads'].flatMap((table) => [
      `UPDATE ${table} SET seq = 0`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ]);
    await withSuperuser(api, async (pool) => {
      for (const role of ['claviger_api', 'claviger_engine', 'claviger_worker', 'claviger_owner'])
        for (const sql of statements) {
          const attempt = pool.transaction(async (client) => {
            await client.query(`SET LOCAL ROLE ${role}`);
            await client.query(`SELECT set_config('app.org_id', $1, true)`, [toUuid(PLATFORM_ORG)]);
            await client.query(sql);
          });
          await expect(attempt).rejects.toMatchObject({ code: '42501' });
        }
      expect(await verifyAuditChain(pool, PLATFORM_ORG)).toMatchObject({ ok: true });
    });
  });
});
