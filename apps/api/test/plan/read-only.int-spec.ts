import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const SMALL = {
  keys: 2,
  workspaces: 1,
  members: 1,
  executionsPerMonth: null,
  models: ['*/*-mini'],
  historyDays: 7,
};

describe('#43 what exceeds the plan after a move to a smaller one', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    operator = api.stranger().withToken(OPERATOR_TOKEN);
    await withSuperuser(api, (pool) =>
      pool.query(
        `INSERT INTO plans (slug, limits) VALUES ('small', $1), ('none', '{"keys": 0, "workspaces": 0, "members": 0}')`,
        [JSON.stringify(SMALL)],
      ),
    );
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    owner = await api.owner();
  });

  const move = async (plan: string) =>
    expect((await operator.put(`/platform/orgs/${owner.orgId}/plan`, { plan })).status).toBe(200);
  const addKey = async (name: string): Promise<string> => {
    const key = { name, provider: 'openai', secret: 'sk-plan-0123456789abcdef' };
    return (await owner.post('/ai-providers', key)).body.id;
  };
  const readOnly = async (path: string): Promise<string[]> => {
    const { data } = (await owner.get(path)).body;
    return data.filter((row: { readOnly: boolean }) => row.readOnly).map(({ id }: { id: string }) => id);
  };
  const refused = (
    answer: { status: number; body: { code?: string; detail?: string; limit?: string } },
    limit: string,
  ) => {
    expect([answer.status, answer.body.code, answer.body.limit]).toEqual([403, 'plan_read_only', limit]);
    expect(answer.body.detail).toMatch(/operator/);
  };

  it('nothing is deleted; the newest keys can be seen, disabled, taken back and deleted, and nothing else', async () => {
    const ids = [];
    for (const name of ['One', 'Two', 'Three', 'Four']) ids.push(await addKey(name));
    const [one, , three, four] = ids;
    const workspace = `/workspaces/${owner.workspaceId}/ai-providers`;
    const assignments = [one, three].map((aiProviderId) => ({ aiProviderId }));
    await owner.put(workspace, { assignments });
    await move('small');
    expect(await readOnly('/ai-providers')).toEqual([three, four]);
    expect((await owner.get('/ai-providers')).body.data).toHaveLength(4);

    refused(await owner.patch(`/ai-providers/${three}`, { name: 'Renamed' }), 'keys');
    refused(await owner.patch(`/ai-providers/${three}`, { enabled: false, name: 'Renamed' }), 'keys');
    refused(await owner.post(`/ai-providers/${three}/test`), 'keys');
    refused(
      await owner.post(`/ai-providers/${three}/rotate`, { secret: 'sk-plan-next-0123456789abcdef' }),
      'keys',
    );
    refused(await owner.get(`/ai-providers/${three}/models`), 'keys');
    refused(await owner.put(workspace, { assignments: [...assignments, { aiProviderId: four }] }), 'keys');
    refused(await owner.put(workspace, { assignments: [{ aiProviderId: three, priority: 5 }] }), 'keys');
    const created = await owner.post('/ai-providers', { name: 'Five', provider: 'openai' });
    expect(created.body).toMatchObject({ code: 'plan_limit_reached', limit: 'keys', used: 4, max: 2 });

    expect((await owner.patch(`/ai-providers/${one}`, { name: 'Uno' })).status).toBe(200);
    expect((await owner.put(workspace, { assignments })).status).toBe(200);
    const off = [{ aiProviderId: three, active: false }];
    expect((await owner.put(workspace, { assignments: off })).status).toBe(200);
    refused(await owner.put(workspace, { assignments: [{ aiProviderId: three }] }), 'keys');
    expect((await owner.patch(`/ai-providers/${three}`, { enabled: false })).status).toBe(200);
    refused(await owner.patch(`/ai-providers/${three}`, { enabled: true }), 'keys');
    expect((await owner.put(workspace, { assignments: [] })).status).toBe(200);
    expect((await owner.delete(`/ai-providers/${one}`)).status).toBe(204);
    expect(await readOnly('/ai-providers')).toEqual([four]);
    await move('team');
    expect(await readOnly('/ai-providers')).toEqual([]);
    expect((await owner.patch(`/ai-providers/${four}`, { name: 'Quattro' })).status).toBe(200);
  });

  it('a workspace that is one too many runs nothing, gets nothing, and can be emptied and deleted', async () => {
    const second = (await owner.post('/workspaces', { name: 'Second' })).body.id;
    const key = await addKey('Key');
    await owner.put(`/workspaces/${second}/ai-providers`, { assignments: [{ aiProviderId: key }] });
    const member = await joinAs(api, owner, 'MEMBER');
    const grants = `/workspaces/${second}/members/${member.memberId}`;
    await owner.put(grants, { canEdit: true, canDelete: false, canExecute: true });
    await move('small');
    expect(await readOnly('/workspaces')).toEqual([second]);
    refused(await owner.patch(`/workspaces/${second}`, { name: 'Renamed' }), 'workspaces');
    refused(await owner.patch(`/workspaces/${second}`, { isDefault: true }), 'workspaces');
    refused(await owner.put(grants, { canEdit: true, canDelete: true, canExecute: true }), 'workspaces');
    expect((await owner.put(grants, { canExecute: true })).status).toBe(200);
    const resolved = (await owner.post(`/workspaces/${second}/resolve`, { model: 'gpt-4.1-mini' })).body;
    expect([resolved.ok, resolved.code, resolved.trace.at(-1).gate]).toEqual([
      false,
      'plan_read_only',
      'plan',
    ]);
    const models = (await owner.get(`/workspaces/${second}/models`)).body;
    expect(models.data).toEqual([]);
    const openai = models.unavailable.filter(({ provider }: { provider: string }) => provider === 'openai');
    expect(new Set(openai.map(({ code }: { code: string }) => code))).toEqual(new Set(['plan_read_only']));
    expect((await owner.put(`/workspaces/${second}/ai-providers`, { assignments: [] })).status).toBe(200);
    refused(
      await owner.put(`/workspaces/${second}/ai-providers`, { assignments: [{ aiProviderId: key }] }),
      'workspaces',
    );
    expect((await owner.delete(`/workspaces/${second}`)).status).toBe(204);
    expect(await readOnly('/workspaces')).toEqual([]);
  });

  it('members that are too many look and change nothing, the OWNER never being one of them', async () => {
    const admins = [];
    for (let n = 0; n < 3; n += 1) admins.push(await joinAs(api, owner, 'ADMIN'));
    const token = (await admins[2]!.post('/tokens', { name: 'Late', kind: 'api' })).body.token;
    await move('small');
    const ids = admins.map((admin) => admin.memberId);
    expect(await readOnly('/members')).toEqual(ids.slice(1));
    expect((await admins[0]!.post('/invites', { role: 'MEMBER' })).status).toBe(201);
    for (const late of [admins[2]!, api.stranger().withToken(token)]) {
      expect((await late.get('/members')).status).toBe(200);
      expect((await late.get('/plan')).status).toBe(200);
      refused(await late.post('/invites', { role: 'MEMBER' }), 'members');
    }
    refused(await owner.patch(`/members/${ids[2]}`, { role: 'OWNER' }), 'members');
    expect((await owner.patch(`/members/${ids[2]}`, { role: 'MEMBER' })).status).toBe(200);
    expect((await owner.delete(`/members/${ids[0]}`)).status).toBe(204);
    expect(await readOnly('/members')).toEqual([ids[2]]);
    await move('none');
    expect((await owner.post('/invites', { role: 'MEMBER' })).status).toBe(201);
    await move('unlimited');
    expect((await admins[1]!.post('/invites', { role: 'MEMBER' })).status).toBe(201);
  });

  it('#41 models that the plan leaves out are refused by name, and `models` says why', async () => {
    const key = await addKey('Key');
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: key }],
    });
    await move('small');
    const path = `/workspaces/${owner.workspaceId}`;
    const { data, unavailable } = (await owner.get(`${path}/models`)).body;
    expect(data.length).toBeGreaterThan(0);
    for (const { id } of data) expect(id).toMatch(/-mini$/);
    const big = unavailable.find(({ id }: { id: string }) => id === 'gpt-4.1');
    expect([big.code, big.detail]).toEqual(['plan_limit_reached', expect.stringContaining('operator')]);
    const refusal = (await owner.post(`${path}/resolve`, { model: 'gpt-4.1' })).body;
    expect([refusal.code, refusal.detail, refusal.trace.at(-1).gate]).toEqual([big.code, big.detail, 'plan']);
    expect((await owner.post(`${path}/resolve`, { model: 'gpt-4.1-mini' })).body.ok).toBe(true);
  });

  it('#41 receipts older than the history days are refused by name and shown again on a larger plan', async () => {
    await move('small');
    const day = (before: number) => new Date(Date.now() - before * 86_400_000).toISOString().slice(0, 10);
    expect((await owner.get('/usage')).body.from).toBe(day(6));
    expect((await owner.get(`/usage?from=${day(6)}`)).status).toBe(200);
    const refusal = await owner.get(`/usage?from=${day(7)}`);
    expect([refusal.status, refusal.body]).toMatchObject([
      403,
      { code: 'plan_limit_reached', limit: 'historyDays', used: 8, max: 7 },
    ]);
    expect((await owner.get(`/usage.csv?from=${day(7)}`)).status).toBe(403);
    await move('unlimited');
    expect((await owner.get(`/usage?from=${day(7)}`)).status).toBe(200);
  });

  it('GET plan says for each limit what is used, what is read-only and what to do', async () => {
    for (const name of ['One', 'Two', 'Three']) await addKey(name);
    await move('small');
    const { body } = await owner.get('/plan');
    expect(body).toMatchObject({
      limits: SMALL,
      used: { keys: 3, workspaces: 1, members: 0, mcpServers: 0 },
    });
    expect(body.standing).toEqual([
      {
        limit: 'keys',
        used: 3,
        max: 2,
        readOnly: 1,
        whatToDo: expect.stringMatching(/1 provider key is read-only/),
      },
      { limit: 'workspaces', used: 1, max: 1, readOnly: 0, whatToDo: expect.stringMatching(/reached/) },
      { limit: 'members', used: 0, max: 1, readOnly: 0, whatToDo: null },
    ]);
  });

  it('#7 one organization’s plan makes nothing of another’s read-only', async () => {
    const stranger = await api.owner();
    for (const name of ['One', 'Two', 'Three'])
      await stranger.post('/ai-providers', { name, provider: 'openai', secret: 'sk-plan-0123456789abcdef' });
    await move('none');
    const { data } = (await stranger.get('/ai-providers')).body;
    expect(data.map(({ readOnly: flag }: { readOnly: boolean }) => flag)).toEqual([false, false, false]);
  });
});
