import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs, joinPending } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('members and invites', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
  });
  beforeAll(async () => {
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  it('#4 link → pending → approval by an OWNER; a pending member can do nothing in the org', async () => {
    const { person, memberId } = await joinPending(api, owner, 'MEMBER');
    const me = await person.get('/auth/me');
    expect(me.body).toMatchObject({
      org: null,
      workspaces: [],
      orgs: [{ id: owner.orgId, status: 'pending' }],
    });
    for (const path of ['/members', '/workspaces', `/orgs/${owner.orgId}`, '/plan']) {
      const answer = await person.get(path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'forbidden']);
    }
    expect((await person.get('/workspaces')).body.detail).toContain('Ask an OWNER');
    const admin = await joinAs(api, owner, 'ADMIN');
    expect((await admin.post(`/members/${memberId}/approve`, {})).status).toBe(403);
    expect((await owner.post(`/members/${memberId}/approve`, {})).body).toMatchObject({
      status: 'active',
      role: 'MEMBER',
    });
    expect((await owner.post(`/members/${memberId}/approve`, {})).body.code).toBe('conflict');
    expect((await person.get('/auth/me')).body.org).toMatchObject({ id: owner.orgId, status: 'active' });
    expect((await person.get('/workspaces')).status).toBe(200);
  });

  it('#4 a signed-in person accepts with their own account and switches between organizations', async () => {
    const other = await api.owner();
    const link = (await owner.post('/invites', {})).body;
    expect(link.link).toBe(`http://localhost:3000/invite/${link.token}`);
    expect((await api.stranger().get(`/invites/${link.token}/accept`)).body).toEqual({
      orgName: 'Acme',
      role: 'MEMBER',
    });
    const forged = await other.send('POST', `/invites/${link.token}/accept`, {}, { 'x-csrf-token': 'no' });
    expect(forged.body.code).toBe('csrf_failed');
    const accepted = await other.post(`/invites/${link.token}/accept`);
    expect([accepted.status, accepted.body.status]).toEqual([201, 'pending']);
    expect((await other.post(`/invites/${link.token}/accept`)).body.code).toBe('conflict');
    await owner.post(`/members/${accepted.body.memberId}/approve`, {});
    const moved = await other.post('/auth/active-org', { orgId: owner.orgId });
    expect(moved.body.org).toMatchObject({ id: owner.orgId, role: 'MEMBER' });
    const stranger = await api.owner();
    expect((await stranger.post('/auth/active-org', { orgId: owner.orgId })).status).toBe(404);
  });

  it('#4 a link that is switched off, deleted, expired or made up answers the same 404', async () => {
    const make = async (body: object = {}) => (await owner.post('/invites', body)).body;
    const [off, gone] = [await make(), await make()];
    expect((await owner.patch(`/invites/${off.id}`, { enabled: false })).body.enabled).toBe(false);
    expect((await owner.delete(`/invites/${gone.id}`)).status).toBe(204);
    const person = await api.owner();
    const bodies = [];
    for (const token of [off.token, gone.token, 'made-up']) {
      const answer = await person.post(`/invites/${token}/accept`);
      const { requestId: _id, instance: _instance, ...body } = answer.body;
      bodies.push(body);
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ status: 404, code: 'not_found' });
    expect((await owner.post('/invites', { expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    await owner.patch(`/invites/${off.id}`, { enabled: true });
    expect((await person.post(`/invites/${off.token}/accept`)).status).toBe(201);
    const { data } = (await owner.get('/invites')).body;
    expect(data.find((row: { id: string }) => row.id === off.id)).toMatchObject({ uses: 1, enabled: true });
    expect(JSON.stringify(data)).not.toContain(off.token);
  });

  it('the last OWNER cannot be demoted or removed, not even by two at once', async () => {
    const boss = await api.owner();
    for (const answer of [
      await boss.patch(`/members/${boss.memberId}`, { role: 'MEMBER' }),
      await boss.delete(`/members/${boss.memberId}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'last_owner']);
    }
    const second = await joinAs(api, boss, 'OWNER');
    for (let round = 0; round < 8; round += 1) {
      const answers = await Promise.all([
        boss.patch(`/members/${second.memberId}`, { role: 'MEMBER' }),
        second.patch(`/members/${boss.memberId}`, { role: 'MEMBER' }),
      ]);
      expect(answers.every((answer) => [200, 403, 409].includes(answer.status))).toBe(true);
      const owners = await withSuperuser(api, async (pool) => {
        const sql = `SELECT id FROM members WHERE org_id = $1 AND role = 'OWNER'`;
        const found = await pool.query(sql, [toUuid(boss.orgId)]);
        await pool.query(`UPDATE members SET role = 'OWNER' WHERE org_id = $1`, [toUuid(boss.orgId)]);
        return found.rowCount;
      });
      expect([round, owners]).toEqual([round, 1]);
    }
  });

  it('an ADMIN changes and removes members, but reaches no OWNER and makes none', async () => {
    const [admin, member] = [await joinAs(api, owner, 'ADMIN'), await joinAs(api, owner, 'MEMBER')];
    const refused = [
      await admin.patch(`/members/${owner.memberId}`, { role: 'MEMBER' }),
      await admin.delete(`/members/${owner.memberId}`),
      await admin.patch(`/members/${member.memberId}`, { role: 'OWNER' }),
      await admin.patch(`/members/${admin.memberId}`, { role: 'OWNER' }),
      await admin.post('/invites', { role: 'OWNER' }),
    ];
    expect(refused.map((answer) => answer.status)).toEqual([403, 403, 403, 403, 403]);
    expect((await admin.patch(`/members/${member.memberId}`, { role: 'ADMIN' })).body.role).toBe('ADMIN');
    expect((await admin.delete(`/members/${member.memberId}`)).status).toBe(204);
    expect((await member.get('/workspaces')).status).toBe(403);
  });

  it('#41 #42 approvals stop at the plan’s member count, the owner left out, also side by side', async () => {
    const small = await startTestApi({ env: { CLAVIGER_DEFAULT_PLAN: 'free' }, database: api.database });
    const boss = await small.owner();
    const waiting = [];
    for (let n = 0; n < 7; n += 1) waiting.push(await joinPending(small, boss, 'MEMBER'));
    const answers = await Promise.all(
      waiting.map(({ memberId }) => boss.post(`/members/${memberId}/approve`, {})),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(5);
    const refused = answers.find((answer) => answer.status !== 200);
    expect(refused?.body).toMatchObject({ code: 'plan_limit_reached', limit: 'members', used: 5, max: 5 });
    const { data } = (await boss.get('/members')).body;
    const pending = data.find((row: { status: string }) => row.status === 'pending');
    const active = data.find(
      (row: { status: string; role: string }) => row.status === 'active' && row.role === 'MEMBER',
    );
    expect((await boss.delete(`/members/${active.id}`)).status).toBe(204);
    expect((await boss.post(`/members/${pending.id}/approve`, {})).status).toBe(200);
    await small.app.close();
  });
});
