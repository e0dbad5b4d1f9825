import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMember, withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';
interface Model {
  id: string;
  provider: string;
  aiProviderIds: string[];
}

describe('handing keys to workspaces', () => {
  let api: TestApi;
  let owner: Person;
  let ws: string;
  let other: string;
  const keys: Record<'anthropic' | 'openai' | 'second', string> = { anthropic: '', openai: '', second: '' };
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    ws = owner.workspaceId;
    other = (await owner.post('/workspaces', { name: 'Other' })).body.id;
    for (const [name, provider] of [
      ['anthropic', 'anthropic'],
      ['openai', 'openai'],
      ['second', 'openai'],
    ] as const) {
      keys[name] = (
        await owner.post('/ai-providers', { name, provider, secret: `${SECRET}${name}` })
      ).body.id;
    }
  });
  afterAll(() => api.stop());

  const assign = (workspace: string, assignments: object[], query = '') =>
    owner.put(`/workspaces/${workspace}/ai-providers${query}`, { assignments });
  const models = async (workspace: string, who = owner) =>
    (await who.get(`/workspaces/${workspace}/models`)).body as {
      data: Model[];
      unavailable: { id: string; provider: string; code: string; detail: string }[];
    };
  const resolve = async (workspace: string, request: object) =>
    (await owner.post(`/workspaces/${workspace}/resolve`, request)).body;

  it('#26 #27 a new key is usable nowhere until it is assigned, and the empty list explains itself', async () => {
    for (const workspace of [ws, other]) {
      const list = await models(workspace);
      expect(list.data).toEqual([]);
      const claude = list.unavailable.find(({ id }) => id === 'claude-sonnet-4-6')!;
      expect(claude.code).toBe('no_provider_key');
      expect(claude.detail).toMatch(/OWNER/);
      expect(await resolve(workspace, { model: 'claude-sonnet-4-6' })).toMatchObject({
        ok: false,
        code: 'no_provider_key',
        choice: null,
      });
    }
  });

  it('#27 assigned to one workspace, it brings its models there and nowhere else', async () => {
    const answer = await assign(ws, [{ aiProviderId: keys.anthropic }]);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual([
      {
        aiProviderId: keys.anthropic,
        name: 'anthropic',
        provider: 'anthropic',
        mask: expect.stringContaining('…'),
        enabled: true,
        status: 'configured',
        priority: 0,
        weight: 1,
        active: true,
        defaultModel: null,
        models: [],
      },
    ]);
    const list = await models(ws);
    expect(new Set(list.data.map(({ provider }) => provider))).toEqual(new Set(['anthropic']));
    expect(list.data.every(({ aiProviderIds }) => aiProviderIds.join() === keys.anthropic)).toBe(true);
    expect((await models(other)).data).toEqual([]);
    expect(answer.body.gained.length).toBe(list.data.length);
    expect(answer.body.lost).toEqual([]);
  });

  it('a preview says what would come and go, and changes nothing', async () => {
    const before = await owner.get(`/workspaces/${ws}/ai-providers`);
    const preview = await assign(ws, [{ aiProviderId: keys.openai, models: ['gpt-4.1'] }], '?preview=true');
    expect(preview.body.preview).toBe(true);
    expect(preview.body.gained).toEqual([{ id: 'gpt-4.1', provider: 'openai' }]);
    expect(preview.body.lost).toEqual((await models(ws)).data.map(({ id, provider }) => ({ id, provider })));
    expect((await owner.get(`/workspaces/${ws}/ai-providers`)).body).toEqual(before.body);
    const done = await assign(ws, [{ aiProviderId: keys.openai, models: ['gpt-4.1'] }]);
    expect({ gained: done.body.gained, lost: done.body.lost }).toEqual({
      gained: preview.body.gained,
      lost: preview.body.lost,
    });
    expect((await models(ws)).data.map(({ id }) => id)).toEqual(['gpt-4.1']);
  });

  it('#28 unassigning stops it with a named error; #10 so does the gate; #21 and disabling', async () => {
    await assign(ws, [{ aiProviderId: keys.openai }]);
    const request = { model: 'gpt-4.1' };
    expect(await resolve(ws, request)).toMatchObject({
      ok: true,
      code: null,
      choice: { aiProviderId: keys.openai, model: 'gpt-4.1' },
    });
    await owner.put('/providers/openai', { enabled: false });
    expect(await resolve(ws, request)).toMatchObject({ ok: false, code: 'provider_disabled' });
    expect(
      (await owner.get('/providers')).body.data.find(({ slug }: { slug: string }) => slug === 'openai'),
    ).toMatchObject({
      orgEnabled: false,
      status: 'disabled',
    });
    await owner.put('/providers/openai', { enabled: true });
    expect((await resolve(ws, request)).ok).toBe(true);
    await owner.patch(`/ai-providers/${keys.openai}`, { enabled: false });
    expect(await resolve(ws, request)).toMatchObject({ ok: false, code: 'no_provider_key' });
    await owner.patch(`/ai-providers/${keys.openai}`, { enabled: true });
    await assign(ws, []);
    expect(await resolve(ws, request)).toMatchObject({ ok: false, code: 'no_provider_key' });
  });

  it('#31 among several keys: priority, then weight, then id; an inactive one is not used', async () => {
    const pair = (a: object, b: object) => [
      { aiProviderId: keys.openai, ...a },
      { aiProviderId: keys.second, ...b },
    ];
    const chosen = async (assignments: object[]) => {
      await assign(ws, assignments);
      return (await resolve(ws, { model: 'gpt-4.1' })).choice.aiProviderId;
    };
    expect(await chosen(pair({ priority: 2 }, { priority: 1 }))).toBe(keys.second);
    expect(await chosen(pair({ weight: 1 }, { weight: 9 }))).toBe(keys.second);
    expect(await chosen(pair({}, {}))).toBe([keys.openai, keys.second].sort()[0]);
    expect(await chosen(pair({ active: false }, { priority: 9 }))).toBe(keys.second);
    const listed = await owner.get(`/workspaces/${ws}/ai-providers`);
    expect(listed.body.data).toHaveLength(2);
  });

  it('resolve says what each gate decided, without decrypting and without the right to', async () => {
    const answer = await resolve(ws, { surface: 'agent_complex', needs: ['tools'] });
    expect(answer.trace.map(({ gate }: { gate: string }) => gate).slice(0, 4)).toEqual([
      'kill_switch',
      'token',
      'provider',
      'org_gate',
    ]);
    expect(answer.trace.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
    expect((await resolve(ws, { model: 'text-embedding-3-small', needs: ['tools'] })).code).toBe(
      'model_lacks_tools',
    );
    expect((await resolve(ws, { model: 'no-such-model' })).code).toBe('model_not_available');
  });

  it('a key twice is 422, an unknown key 404, and neither changes anything', async () => {
    const before = (await owner.get(`/workspaces/${ws}/ai-providers`)).body;
    const twice = await assign(ws, [{ aiProviderId: keys.openai }, { aiProviderId: keys.openai }]);
    expect([twice.status, twice.body.errors[0].pointer]).toEqual([422, '/assignments/1/aiProviderId']);
    for (const bad of ['aip_01h455vb4pex5vsknk084sn02q', 'nonsense', ws]) {
      const answer = await assign(ws, [{ aiProviderId: keys.anthropic }, { aiProviderId: bad }]);
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
    expect((await owner.get(`/workspaces/${ws}/ai-providers`)).body).toEqual(before);
  });

  it('assigning and force-deleting one key at the same time never fails with 5xx and leaves no dangling row', async () => {
    for (let round = 0; round < 8; round += 1) {
      const id = (
        await owner.post('/ai-providers', { name: `R${round}`, provider: 'openai', secret: SECRET })
      ).body.id;
      const answers = await Promise.all([
        assign(ws, [{ aiProviderId: id }, { aiProviderId: keys.openai }]),
        owner.delete(`/ai-providers/${id}?force=true`),
        assign(other, [{ aiProviderId: keys.openai }, { aiProviderId: id }]),
      ]);
      expect(
        answers.map(({ status }) => status).filter((status) => ![200, 204, 404].includes(status)),
      ).toEqual([]);
      expect(answers[1].status).toBe(204);
      const left = await owner.get(`/workspaces/${ws}/ai-providers`);
      expect(left.body.data.some(({ aiProviderId }: { aiProviderId: string }) => aiProviderId === id)).toBe(
        false,
      );
    }
  });

  it('#3 an editor sees the models of their own workspace only, and runs nothing without the execute grant', async () => {
    await assign(ws, [{ aiProviderId: keys.openai }]);
    const member = await addMember(api, owner, 'MEMBER');
    expect((await member.get(`/workspaces/${ws}/models`)).status).toBe(404);
    await owner.put(`/workspaces/${ws}/members/${member.memberId}`, {
      canEdit: false,
      canDelete: false,
      canExecute: false,
    });
    expect((await models(ws, member)).data.length).toBeGreaterThan(0);
    expect((await member.get(`/workspaces/${other}/models`)).status).toBe(404);
    const refused = await member.post(`/workspaces/${ws}/resolve`, { model: 'gpt-4.1' });
    expect([refused.status, refused.body.code]).toEqual([200, 'forbidden']);
    await owner.put(`/workspaces/${ws}/members/${member.memberId}`, {
      canEdit: false,
      canDelete: false,
      canExecute: true,
    });
    expect((await member.post(`/workspaces/${ws}/resolve`, { model: 'gpt-4.1' })).body.ok).toBe(true);
  });

  it('each change is in the audit log and the outbox, in its own transaction', async () => {
    const { audits, events } = await withSuperuser(api, async (pool) => {
      const audit = await pool.query<{ change: object }>(
        `SELECT change FROM audit_events WHERE action = 'aiProviders:AssignAiProvider' AND target = $1`,
        [ws],
      );
      const outbox = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM outbox_events WHERE topic = 'assignments.replaced' AND ids->>'workspaceId' = $1`,
        [ws],
      );
      return { audits: audit.rows, events: outbox.rows[0]!.n };
    });
    expect(audits.length).toBeGreaterThan(5);
    expect(events).toBe(audits.length);
    expect(audits[0]!.change).toMatchObject({ before: [], after: [{ aiProviderId: keys.anthropic }] });
  });
});
