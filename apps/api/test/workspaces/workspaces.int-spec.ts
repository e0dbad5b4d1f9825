import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { addMember, withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('workspaces', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const slugs = async () =>
    (await owner.get('/workspaces?limit=200')).body.data.map(({ slug }: { slug: string }) => slug);

  it('#1 slugs are made of names, unique, and may be chosen', async () => {
    const first = await owner.post('/workspaces', { name: 'Überprüfung & Test' });
    expect([first.status, first.body.slug]).toEqual([201, 'uberprufung-test']);
    expect(first.headers['etag']).toMatch(/^"ws_.*-1"$/);
    expect((await owner.post('/workspaces', { name: 'Überprüfung & Test' })).body.slug).toBe(
      'uberprufung-test-2',
    );
    expect((await owner.post('/workspaces', { name: '日本' })).body.slug).toBe('workspace');
    const chosen = await owner.post('/workspaces', { name: 'X', slug: 'uberprufung-test' });
    expect([chosen.status, chosen.body.code, chosen.body.errors[0].pointer]).toEqual([
      409,
      'name_taken',
      '/slug',
    ]);
    for (const slug of ['Bad', '-x', 'x-', 'a b', '', 's'.repeat(61)]) {
      expect([slug, (await owner.post('/workspaces', { name: 'X', slug })).status]).toEqual([slug, 422]);
    }
  });

  it('#18 a PATCH keeps what it omits, sets what it sends, clears what it names', async () => {
    const { id } = (await owner.post('/workspaces', { name: 'P', defaultProvider: 'openai' })).body;
    const renamed = await owner.patch(`/workspaces/${id}`, { name: 'Q' });
    expect(renamed.body).toMatchObject({ name: 'Q', slug: 'p', defaultProvider: 'openai' });
    expect(
      (await owner.patch(`/workspaces/${id}`, { clear: ['defaultProvider'] })).body.defaultProvider,
    ).toBeNull();
    const both = await owner.patch(`/workspaces/${id}`, {
      defaultProvider: 'openai',
      clear: ['defaultProvider'],
    });
    expect([both.status, both.body.errors[0].pointer]).toEqual([422, '/defaultProvider']);
    const unknown = await owner.patch(`/workspaces/${id}`, { defaultProvider: 'nonsense' });
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([422, '/defaultProvider']);
    expect((await owner.patch(`/workspaces/${id}`, { name: null as never })).status).toBe(422);
    const late = await owner.send(
      'PATCH',
      `/workspaces/${id}`,
      { name: 'R' },
      { 'if-match': renamed.headers['etag'] as string },
    );
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
  });

  it('#1 there is always one default workspace; it cannot be deleted, but another can take its place', async () => {
    const guarded = await owner.delete(`/workspaces/${owner.workspaceId}`);
    expect([guarded.status, guarded.body.code]).toEqual([409, 'conflict']);
    const { id } = (await owner.post('/workspaces', { name: 'Heir' })).body;
    expect((await owner.patch(`/workspaces/${id}`, { isDefault: true })).body.isDefault).toBe(true);
    const all = await owner.get('/workspaces?limit=200');
    expect(all.body.data.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1);
    expect((await owner.delete(`/workspaces/${id}`)).status).toBe(409);
    await owner.patch(`/workspaces/${owner.workspaceId}`, { isDefault: true });
    expect((await owner.delete(`/workspaces/${id}`)).status).toBe(204);
    expect(await slugs()).not.toContain('heir');
    expect((await owner.delete(`/workspaces/${id}`)).status).toBe(404);
  });

  it('#41 #42 the plan counts workspaces exactly under parallel requests, and deletion gives room back', async () => {
    const other = await api.owner();
    await withSuperuser(api, async (pool) => {
      await pool.query(
        `INSERT INTO plans (slug, limits) VALUES ('four', '{"workspaces": 4}') ON CONFLICT DO NOTHING`,
        [],
      );
      await pool.query(`UPDATE orgs SET plan = 'four' WHERE org_id = $1`, [toUuid(other.orgId)]);
    });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => other.post('/workspaces', { name: `W${n}` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.every(({ status, body }) => status === 403 && body.code === 'plan_limit_reached')).toBe(
      true,
    );
    expect(refused[0]!.body).toMatchObject({ limit: 'workspaces', used: 4, max: 4 });
    const made = answers.find(({ status }) => status === 201)!.body;
    await other.delete(`/workspaces/${made.id}`);
    expect((await other.get('/plan')).body.used.workspaces).toBe(3);
    expect((await other.post('/workspaces', { name: 'Again' })).status).toBe(201);
  });

  it('#2 #3 a MEMBER sees joined workspaces only; grants are off until given, and enforced', async () => {
    const member = await addMember(api, owner, 'MEMBER');
    const { id } = (await owner.post('/workspaces', { name: 'Joined' })).body;
    const path = `/workspaces/${id}`;
    const off = { canEdit: false, canDelete: false, canExecute: false };
    expect((await member.get('/workspaces')).body.data).toEqual([]);
    expect((await member.get(path)).status).toBe(404);
    const joined = await owner.put(`${path}/members/${member.memberId}`, off);
    expect(joined.body).toMatchObject({
      memberId: member.memberId,
      userId: member.userId,
      email: member.email,
      role: 'MEMBER',
      ...off,
    });
    const list = await member.get('/workspaces');
    expect(list.body.data).toMatchObject([{ id, grant: off }]);
    expect((await member.patch(path, { name: 'Mine' })).status).toBe(403);
    expect((await member.delete(path)).status).toBe(403);
    expect((await member.post('/workspaces', { name: 'New' })).status).toBe(403);
    expect((await member.put(`${path}/members/${member.memberId}`, { ...off, canEdit: true })).status).toBe(
      403,
    );
    await owner.put(`${path}/members/${member.memberId}`, { ...off, canEdit: true });
    expect((await member.patch(path, { name: 'Mine' })).body.name).toBe('Mine');
    expect((await member.delete(path)).status).toBe(403);
    expect((await owner.get(`${path}/members`)).body.data).toMatchObject([
      { memberId: member.memberId, canEdit: true },
    ]);
    expect((await owner.delete(`${path}/members/${member.memberId}`)).status).toBe(204);
    expect((await member.get(path)).status).toBe(404);
    const partial = await owner.put(`${path}/members/${member.memberId}`, { canEdit: true });
    expect([partial.status, partial.body]).toMatchObject([
      200,
      { canEdit: true, canDelete: false, canExecute: false },
    ]);
  });

  it('deleting a workspace takes its assignments and keeps the keys', async () => {
    const { id } = (await owner.post('/workspaces', { name: 'Doomed' })).body;
    const key = (
      await owner.post('/ai-providers', { name: 'K', provider: 'openai', secret: 'sk-proj-0123456789ab' })
    ).body.id;
    await owner.put(`/workspaces/${id}/ai-providers`, { assignments: [{ aiProviderId: key }] });
    expect((await owner.get(`/workspaces/${id}`)).body.keyCount).toBe(1);
    expect((await owner.delete(`/workspaces/${id}`)).status).toBe(204);
    expect((await owner.get(`/ai-providers/${key}`)).body.workspaceCount).toBe(0);
  });
});
