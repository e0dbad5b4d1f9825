import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('tokens', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  const make = async (person: Person, body: object) =>
    (await person.post('/tokens', { name: 't', kind: 'api', ...body })).body;

  it('#51 is shown once, listed by prefix only, and revoked for good', async () => {
    const made = await make(owner, { name: 'CI' });
    expect(made.token).toMatch(/^clv_api_[0-9a-z]{26}[\w-]{49}$/);
    const listed = await owner.get('/tokens');
    expect(listed.text).not.toContain(made.token.slice(20));
    expect(listed.body.data).toContainEqual(
      expect.objectContaining({ id: made.id, name: 'CI', prefix: made.prefix }),
    );
    const caller = owner.withToken(made.token);
    expect((await caller.get('/members')).status).toBe(200);
    expect((await owner.delete(`/tokens/${made.id}`)).status).toBe(204);
    const after = await caller.get('/members');
    expect([after.status, after.body.code, after.headers['www-authenticate']]).toEqual([
      401,
      'unauthenticated',
      'Bearer realm="claviger"',
    ]);
  });

  it('keeps nothing that would open anything: neither database nor audit holds the token', async () => {
    const made = await make(owner, {});
    expect((await owner.get('/audit-events')).text).not.toContain(made.token.slice(34));
  });

  it('#5 its rights are its own ∩ its owner’s current ones: a demotion takes effect at once', async () => {
    const second = await joinAs(api, owner, 'OWNER');
    const made = await make(second, {
      permissions: [{ effect: 'Allow', actions: ['members:*', 'ai-providers:*'], resources: ['*'] }],
    });
    const caller = owner.withToken(made.token);
    expect((await caller.get('/members')).status).toBe(200);
    expect((await caller.get('/plan')).status).toBe(403);
    const addKey = () => caller.post('/ai-providers', {});
    expect((await addKey()).status).toBe(422);
    await owner.patch(`/members/${second.memberId}`, { role: 'ADMIN' });
    expect([(await addKey()).status, (await caller.get('/members')).status]).toEqual([403, 200]);
    await owner.patch(`/members/${second.memberId}`, { role: 'MEMBER' });
    expect((await caller.get('/members')).status).toBe(403);
    await owner.delete(`/members/${second.memberId}`);
    expect((await caller.get('/members')).status).toBe(401);
  });

  it('#5 a Deny beats every Allow, and unknown actions are refused', async () => {
    const permissions = [
      { effect: 'Allow', actions: ['*'], resources: ['*'] },
      { effect: 'Deny', actions: ['members:List*'], resources: ['*'] },
    ];
    const caller = owner.withToken((await make(owner, { permissions })).token);
    expect([(await caller.get('/members')).status, (await caller.get('/plan')).status]).toEqual([403, 200]);
    const wrong = await owner.post('/tokens', {
      name: 't',
      kind: 'api',
      permissions: [{ effect: 'Allow', actions: ['keys:Steal'], resources: ['*'] }],
    });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/permissions/0/actions']);
  });

  it('#6 a workspace-scoped token is a hard wall, even an OWNER’s', async () => {
    const second = (await owner.post('/workspaces', { name: 'Second' })).body;
    const caller = owner.withToken((await make(owner, { workspaceId: owner.workspaceId })).token);
    expect((await caller.get(`/workspaces/${owner.workspaceId}`)).status).toBe(200);
    const { requestId: _a, instance: _b, ...other } = (await caller.get(`/workspaces/${second.id}`)).body;
    const { requestId: _c, instance: _d, ...unknown } = (await caller.get(`/workspaces/${newId('ws')}`)).body;
    expect(other).toEqual(unknown);
    expect(other.status).toBe(404);
    const { data } = (await caller.get('/workspaces')).body;
    expect(data.map((row: { id: string }) => row.id)).toEqual([owner.workspaceId]);
    for (const path of ['/members', '/ai-providers', '/tokens', '/audit-events', '/plan']) {
      expect([path, (await caller.get(path)).status]).toEqual([path, 403]);
    }
  });

  it('engine and workspace tokens do not open the control plane’s settings', async () => {
    for (const kind of ['engine', 'workspace']) {
      const caller = owner.withToken((await make(owner, { kind, workspaceId: owner.workspaceId })).token);
      expect((await caller.get('/members')).status).toBe(403);
      expect((await caller.get('/auth/me')).status).toBe(403);
    }
  });

  it('refuses a workspace token without its workspace, a foreign workspace, a past end, and a MEMBER’s wish', async () => {
    const post = (body: object, person = owner) =>
      person.post('/tokens', { name: 't', kind: 'workspace', ...body });
    expect((await post({})).body.errors[0].pointer).toBe('/workspaceId');
    const stranger = await api.owner();
    const [foreign, unknown] = [
      await post({ workspaceId: stranger.workspaceId }),
      await post({ workspaceId: newId('ws') }),
    ];
    expect([foreign.status, unknown.status, (await post({ workspaceId: 'nonsense' })).status]).toEqual([
      404, 404, 404,
    ]);
    expect((await post({ workspaceId: owner.workspaceId, expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(
      422,
    );
    const member = await joinAs(api, owner, 'MEMBER');
    expect((await post({ workspaceId: owner.workspaceId }, member)).status).toBe(403);
  });

  it('rolls with and without overlap; the new one has the settings of the old', async () => {
    const old = await make(owner, { name: 'roll me' });
    const rolled = await owner.post(`/tokens/${old.id}/roll`, { overlapSeconds: 60 });
    expect([rolled.status, rolled.body.name, rolled.body.kind]).toEqual([201, 'roll me', 'api']);
    expect((await owner.withToken(old.token).get('/plan')).status).toBe(200);
    const again = await owner.post(`/tokens/${rolled.body.id}/roll`, {});
    expect((await owner.withToken(rolled.body.token).get('/plan')).status).toBe(401);
    expect((await owner.withToken(again.body.token).get('/plan')).status).toBe(200);
    expect((await owner.post(`/tokens/${rolled.body.id}/roll`, {})).body.code).toBe('conflict');
  });

  it('an ADMIN makes tokens of own rights, revokes no OWNER’s token and rolls nobody else’s', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const ownersToken = await make(owner, {});
    expect((await admin.delete(`/tokens/${ownersToken.id}`)).status).toBe(403);
    expect((await admin.post(`/tokens/${ownersToken.id}/roll`, {})).status).toBe(403);
    const adminsToken = await make(admin, {});
    expect((await owner.post(`/tokens/${adminsToken.id}/roll`, {})).status).toBe(403);
    expect((await owner.withToken(adminsToken.token).post('/ai-providers', {})).status).toBe(403);
    expect((await owner.delete(`/tokens/${adminsToken.id}`)).status).toBe(204);
  });

  it('a restricted token makes no tokens, and none outlives the token that made it', async () => {
    const permissions = [{ effect: 'Allow', actions: ['tokens:*'], resources: ['*'] }];
    const restricted = owner.withToken((await make(owner, { permissions })).token);
    expect((await restricted.post('/tokens', { name: 'x', kind: 'api' })).status).toBe(403);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const shortLived = owner.withToken((await make(owner, { expiresAt })).token);
    expect((await shortLived.post('/tokens', { name: 'x', kind: 'api' })).body.errors[0].pointer).toBe(
      '/expiresAt',
    );
    expect((await shortLived.post('/tokens', { name: 'x', kind: 'api', expiresAt })).status).toBe(201);
  });

  it('a token in the query or the body, a mistyped one and a wrong scheme open nothing', async () => {
    const { token } = await make(owner, {});
    const stranger = api.stranger();
    const typo = token.slice(0, -8) + (token.at(-8) === 'a' ? 'b' : 'a') + token.slice(-7);
    expect((await stranger.get(`/plan?access_token=${token}`)).status).toBe(401);
    expect((await stranger.send('POST', '/tokens', { access_token: token })).status).toBe(401);
    for (const authorization of [`Bearer ${typo}`, `Basic ${token}`, `Bearer ${token} x`, 'Bearer', token]) {
      expect((await stranger.send('GET', '/plan', undefined, { authorization })).status).toBe(401);
    }
  });

  it('a request has one identity: with an Authorization header the cookie is not looked at', async () => {
    const answer = await owner.send('GET', '/plan', undefined, { authorization: 'Bearer nonsense' });
    expect(answer.status).toBe(401);
  });
});
