import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const BUDGET = {
  name: 'Monthly',
  scope: { type: 'organization' },
  metric: 'cost_micro_usd',
  window: 'month',
  max: 5_000_000,
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
  const answer = await by.post('/quotas', { ...BUDGET, ...more });
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return answer.body as { id: string; used: number };
};

interface RunFacts {
  key?: string;
  ago?: string;
  by?: string;
}

/** A run with a receipt, as the engine leaves them. */
async function addRun(tokens: [number, number], cost: number, more: RunFacts = {}) {
  const { orgId, workspaceId } = owner;
  await withSuperuser(api, async (db) => {
    const run = newUuid();
    await db.query(
      `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, started_at)
       VALUES ($1, $2, $3, $4, 'h', $6, 'succeeded', now() - $5::interval)`,
      [toUuid(orgId), run, toUuid(workspaceId), run, more.ago ?? '0 s', more.by ?? 'tok_x'],
    );
    await db.query(
      `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id, outcome,
         input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd)
       VALUES ($1, $2, $3, $4, $5, 1, 'openai', 'm', 'tok_x', 'ok', $6, $7, 0, 0, $8)`,
      [toUuid(orgId), newUuid(), run, toUuid(workspaceId), more.key ?? newUuid(), ...tokens, cost],
    );
  });
}

describe('#45 #53 quotas and budgets', () => {
  it('are made, read, changed and deleted; what is sent back is what was saved', async () => {
    const made = await owner.post('/quotas', BUDGET);
    expect(made.body).toMatchObject({
      ...BUDGET,
      ...{ mode: 'enforce', thresholds: [50, 80, 100], used: 0, reserved: 0 },
    });
    expect(new Date(made.body.resetsAt).getUTCDate()).toBe(1);
    const path = `/quotas/${made.body.id}`;
    const etag = String(made.headers['etag']);
    expect((await owner.get(path)).headers['etag']).toBe(etag);
    const change = { max: 6_000_000, mode: 'monitor', thresholds: [90, 10] };
    const changed = await owner.send('PATCH', path, change, { 'if-match': etag });
    expect(changed.body).toMatchObject({ max: 6_000_000, mode: 'monitor', thresholds: [10, 90] });
    const stale = await owner.send('PATCH', path, { max: 1 }, { 'if-match': etag });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    await make({ name: 'Runs', metric: 'runs', window: 'day', max: 3 });
    expect((await owner.get('/quotas')).body.data).toHaveLength(2);
    const budgets = (await owner.get('/quotas?metric=cost_micro_usd')).body.data;
    expect(budgets.map(({ name }: { name: string }) => name)).toEqual(['Monthly']);
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get(path)).status).toBe(404);
  });

  it('leave an audit row and an event with each change', async () => {
    const { id } = await make();
    await owner.patch(`/quotas/${id}`, { max: 1 });
    await owner.patch(`/quotas/${id}`, { max: 1 });
    await owner.delete(`/quotas/${id}`);
    const rows = await withSuperuser(api, (db) =>
      db.query<{ action: string; change: object }>(
        `SELECT action, change FROM audit_events WHERE org_id = $1 AND target = $2 ORDER BY seq`,
        [toUuid(owner.orgId), id],
      ),
    );
    expect(rows.rows.map(({ action }) => action)).toEqual([
      'quotas:CreateQuota',
      'quotas:UpdateQuota',
      'quotas:DeleteQuota',
    ]);
    expect(rows.rows[1]?.change).toEqual({ max: { before: 5_000_000, after: 1 } });
  });

  it('begin with what the receipts of the window say, whatever they count', async () => {
    await addRun([100, 10], 70);
    await addRun([50, 5], 30);
    await addRun([9, 9], 9, { ago: '40 days' });
    expect((await make()).used).toBe(100);
    expect((await make({ name: 'r', metric: 'runs' })).used).toBe(2);
    expect((await make({ name: 't', metric: 'total_tokens' })).used).toBe(165);
    const scope = { type: 'workspace', id: owner.workspaceId };
    expect((await make({ name: 'w', metric: 'input_tokens', scope })).used).toBe(150);
    const key = await owner.post('/ai-providers', {
      name: 'k',
      provider: 'openai',
      secret: 'sk-example-0123456789abcdef',
    });
    const ofKey = { type: 'key', id: key.body.id };
    await addRun([4, 2], 6, { key: toUuid(key.body.id) });
    expect((await make({ name: 'k', metric: 'output_tokens', scope: ofKey })).used).toBe(2);
    expect((await make({ name: 'kr', metric: 'runs', scope: ofKey })).used).toBe(1);
  });

  it('of a token begin with what engines would have counted: its own runs, and those of its successors and children', async () => {
    const first = (await owner.post('/tokens', { name: 'E', kind: 'api' })).body;
    const child = (await api.stranger().withToken(first.token).post('/tokens', { name: 'C', kind: 'engine' }))
      .body;
    const next = (await owner.post(`/tokens/${first.id}/roll`, { overlapSeconds: 600 })).body;
    for (const by of [first.id, child.id, next.id]) await addRun([1, 1], 10, { by });
    const of = (id: string) => make({ name: id, metric: 'runs', scope: { type: 'token', id } });
    const used = [(await of(first.id)).used, (await of(child.id)).used, (await of(next.id)).used];
    expect(used).toEqual([3, 1, 1]);
    // The same tokens that the state of each of them counts against a quota of these.
    const covered = await withSuperuser(api, async (db) => {
      const { rows } = await db.query<{ names: string[] }>(
        `SELECT (SELECT array_agg(q ->> 'name') FROM jsonb_array_elements(lookup.state_quotas($1, $2, t.id)) q) AS names
         FROM tokens t WHERE t.org_id = $1 AND t.id = ANY ($3::uuid[]) ORDER BY t.id`,
        [toUuid(owner.orgId), toUuid(owner.workspaceId), [first.id, child.id, next.id].map(toUuid)],
      );
      return rows.map(({ names }) => names.toSorted());
    });
    expect(covered).toEqual([[first.id], [first.id, child.id], [first.id, next.id]]);
  });

  it('#2 are OWNERs’ and ADMINs’, #7 and no other organization’s', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const member = await joinAs(api, owner, 'MEMBER');
    const { id } = await make({}, admin);
    expect((await member.get('/quotas')).status).toBe(403);
    const stranger = await api.owner();
    for (const path of [`/quotas/${id}`, `/quotas/${newId('quo')}`, '/quotas/nothing'])
      expect((await stranger.get(path)).status).toBe(404);
    const foreign = await stranger.post('/quotas', {
      ...BUDGET,
      scope: { type: 'workspace', id: owner.workspaceId },
    });
    expect(foreign.status).toBe(404);
  });

  it.each([
    ['a scope without its id', { scope: { type: 'workspace' } }, '/scope/id'],
    ['an id of the whole organization', { scope: { type: 'organization', id: 'ws_x' } }, '/scope/id'],
    ['a metric that is none', { metric: 'calls' }, '/metric'],
    ['less than nothing', { max: -1 }, '/max'],
    ['a part of a micro-dollar', { max: 1.5 }, '/max'],
    ['a threshold beyond the limit', { thresholds: [101] }, '/thresholds'],
  ])('refuse %s', async (_name, more, pointer) => {
    const answer = await owner.post('/quotas', { ...BUDGET, ...more });
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
    expect(answer.body.errors[0].pointer).toMatch(new RegExp(`^${pointer}`));
  });

  it('have a name each', async () => {
    await make();
    const { id } = await make({ name: 'Other' });
    expect((await owner.post('/quotas', BUDGET)).body.code).toBe('name_taken');
    expect((await owner.patch(`/quotas/${id}`, { name: 'Monthly' })).body.code).toBe('name_taken');
  });

  const ask = async (by = owner) => by.post(`/workspaces/${owner.workspaceId}/resolve`, { model: 'gpt-4.1' });
  const handOutKey = async () => {
    const secret = 'sk-example-0123456789abcdef';
    const key = await owner.post('/ai-providers', { name: 'k', provider: 'openai', secret });
    const assignments = [{ aiProviderId: key.body.id, priority: 0, weight: 1, active: true }];
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
  };

  it('are explained by resolve with the room that is left, and nothing is reserved by asking', async () => {
    await addRun([1, 1], 40);
    const { id } = await make();
    await handOutKey();
    for (const { body } of [await ask(), await ask()])
      expect(body.quotaRoom).toEqual([
        expect.objectContaining({
          ...{ quotaId: id, scope: 'organization', scopeId: owner.orgId, metric: 'cost_micro_usd' },
          ...{ max: 5_000_000, used: 40, reserved: 0, left: 4_999_960, hasRoom: true },
        }),
      ]);
  });

  it('#3 #5 #6 of whom may not read the quota, resolve tells whether there is room, and no figure', async () => {
    await addRun([1, 1], 40);
    const { id } = await make({ name: 'Company budget FY26' });
    await handOutKey();
    const member = await joinAs(api, owner, 'MEMBER');
    const grants = { canEdit: false, canDelete: false, canExecute: true };
    await owner.put(`/workspaces/${owner.workspaceId}/members/${member.memberId}`, grants);
    const { workspaceId } = owner;
    const deny = { effect: 'Deny', actions: ['quotas:GetQuota'], resources: [id] };
    const permissions = [{ effect: 'Allow', actions: ['*'], resources: ['*'] }, deny];
    const tokens = [{ kind: 'api', workspaceId }, { kind: 'engine' }, { kind: 'api', permissions }];
    const askers = [member];
    for (const more of tokens) {
      const { body } = await owner.post('/tokens', { name: 'T', ...more });
      askers.push(api.stranger().withToken(body.token));
    }
    const room = async () => {
      const answers = await Promise.all(askers.map((asker) => ask(asker)));
      return answers.map(({ body }) => body.quotaRoom);
    };
    const figures = { name: null, scopeId: null, max: null, used: null, reserved: null, left: null };
    const told = { quotaId: id, scope: 'organization', metric: 'cost_micro_usd', window: 'month' };
    const some = [expect.objectContaining({ ...told, ...figures, hasRoom: true })];
    expect(await room()).toEqual(askers.map(() => some));
    await owner.patch(`/quotas/${id}`, { max: 40 });
    const none = [expect.objectContaining({ ...told, ...figures, hasRoom: false })];
    expect(await room()).toEqual(askers.map(() => none));
    expect((await ask()).body.quotaRoom[0]).toMatchObject({ max: 40, left: 0, hasRoom: false });
  });
});

describe('#53 the price book', () => {
  const PRICE = {
    ...{ provider: 'openai', model: 'gpt-4.1' },
    ...{ inputMicroUsdPerMTok: 1_000_000, outputMicroUsdPerMTok: 2_000_000 },
  };
  const shown = async () => {
    const { body } = await owner.get(`/workspaces/${owner.workspaceId}/models`);
    return body.data.find(({ id }: { id: string }) => id === 'gpt-4.1')?.price;
  };

  it('has prices from now on and from a day in the future; `models` shows the one that holds', async () => {
    const key = await owner.post('/ai-providers', {
      name: 'k',
      provider: 'openai',
      secret: 'sk-example-0123456789abcdef',
    });
    const assignments = [{ aiProviderId: key.body.id, priority: 0, weight: 1, active: true }];
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
    expect(await shown()).toMatchObject({ source: 'catalogue' });
    const made = await owner.post('/price-overrides', PRICE);
    expect([made.status, made.body]).toMatchObject([201, { ...PRICE, cachedInputMicroUsdPerMTok: null }]);
    const later = { ...PRICE, inputMicroUsdPerMTok: 9, effectiveFrom: '2099-01-01T00:00:00Z' };
    expect((await owner.post('/price-overrides', later)).status).toBe(201);
    expect((await owner.post('/price-overrides', later)).body.code).toBe('conflict');
    expect(await shown()).toMatchObject({ source: 'override', inputMicroUsdPerMTok: 1_000_000 });
    expect((await owner.get('/price-overrides')).body.data).toHaveLength(2);
    expect((await owner.delete(`/price-overrides/${made.body.id}`)).status).toBe(204);
    expect(await shown()).toMatchObject({ source: 'catalogue' });
  });

  it('never begins in the past, and names the providers that there are', async () => {
    const past = await owner.post('/price-overrides', { ...PRICE, effectiveFrom: '2020-01-01T00:00:00Z' });
    expect(past.body.errors[0].pointer).toBe('/effectiveFrom');
    const typo = await owner.post('/price-overrides', { ...PRICE, provider: 'opnai' });
    expect(typo.body.errors[0]).toMatchObject({
      pointer: '/provider',
      detail: expect.stringContaining('openai'),
    });
  });

  it('#2 is read by ADMINs and written by OWNERs', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    expect((await admin.get('/price-overrides')).status).toBe(200);
    expect((await admin.post('/price-overrides', PRICE)).status).toBe(403);
  });
});
