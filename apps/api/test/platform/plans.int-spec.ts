import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NO_LIMITS } from '#lib/contracts';
import { newId } from '#lib/kernel';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';

describe('#42 the operator says which plan an organization has', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  beforeAll(async () => {
    api = await startTestApi({
      env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN, CLAVIGER_DEFAULT_PLAN: 'free' },
    });
    owner = await api.owner();
    operator = api.stranger().withToken(OPERATOR_TOKEN);
  });
  afterAll(() => api.stop());
  const addWorkspace = (name: string) => owner.post('/workspaces', { name });
  const path = (orgId: string) => `/platform/orgs/${orgId}/plan`;

  it('a limit that is reached names what the operator can do, and doing it raises the limit at once', async () => {
    await addWorkspace('Second');
    const refused = await addWorkspace('Third');
    expect([refused.status, refused.body.code]).toEqual([403, 'plan_limit_reached']);
    expect(refused.body.detail).toContain('PUT /api/v1/platform/orgs/:id/plan');
    expect(refused.body.detail).toContain(owner.orgId);

    const plans = (await operator.get('/platform/plans')).body.data;
    expect(plans).toContainEqual({
      plan: 'team',
      limits: { ...NO_LIMITS, keys: 25, workspaces: 10, members: 50, executionsPerMonth: 100_000 },
    });
    const moved = await operator.put(path(owner.orgId), { plan: 'team' });
    expect([moved.status, moved.body]).toEqual([
      200,
      {
        orgId: owner.orgId,
        plan: 'team',
        limits: plans.find((row: { plan: string }) => row.plan === 'team').limits,
      },
    ]);
    expect((await owner.get('/plan')).body.plan).toBe('team');
    expect((await addWorkspace('Third')).status).toBe(201);
  });

  it('the organization’s own log says so, once per change', async () => {
    const other = await api.owner();
    for (const plan of ['team', 'team'])
      expect((await operator.put(path(other.orgId), { plan })).status).toBe(200);
    const { data } = (await other.get('/audit-events?action=platform:SetOrgPlan')).body;
    expect(data).toEqual([
      expect.objectContaining({ actor: 'operator', target: other.orgId, change: { plan: ['free', 'team'] } }),
    ]);
  });

  it('an unknown organization is 404, an unknown plan 422 with the known ones, and nobody else may', async () => {
    for (const id of [newId('org'), newId('ws'), 'nonsense'])
      expect((await operator.put(path(id), { plan: 'team' })).status).toBe(404);
    const unknown = await operator.put(path(owner.orgId), { plan: 'golden' });
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([422, '/plan']);
    expect(unknown.body.detail).toContain('free, team, unlimited');
    for (const person of [owner, api.stranger()]) {
      expect((await person.get('/platform/plans')).status).toBe(401);
      expect((await person.put(path(owner.orgId), { plan: 'unlimited' })).status).toBe(401);
    }
  });
});
