import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('auth', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('#1 signing up makes one org, owned by the person, and one default workspace', async () => {
    const answer = await api.stranger().post('/auth/signup', {
      email: ' First@Example.test ',
      password: PASSWORD,
      name: 'First',
      orgName: 'Ümläut & Söhne',
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      user: { id: expect.stringMatching(/^usr_/), email: 'first@example.test', name: 'First' },
      org: expect.objectContaining({
        name: 'Ümläut & Söhne',
        slug: 'umlaut-sohne',
        plan: 'unlimited',
        role: 'OWNER',
        status: 'active',
      }),
      orgs: [answer.body.org],
      workspaces: [expect.objectContaining({ slug: 'default', isDefault: true, canExecute: true })],
      csrfToken: expect.any(String),
    });
    const cookie = answer.headers['set-cookie']?.[0];
    expect(cookie).toMatch(/^claviger_session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('#1 org slugs are unique even when names are equal', async () => {
    const slugs = await Promise.all(
      Array.from(
        { length: 5 },
        async () => (await (await api.owner('same')).get('/auth/me')).body.org.slug as string,
      ),
    );
    expect(new Set(slugs).size).toBe(5);
  });

  it('answers me with the same CSRF token, and ends the session at log-out', async () => {
    const owner = await api.owner();
    expect((await owner.get('/auth/me')).body.csrfToken).toBe(owner.csrfToken);
    expect((await owner.post('/auth/logout')).status).toBe(204);
    expect((await owner.get('/auth/me')).status).toBe(401);
  });

  it('refuses a second account of one address, whatever its case', async () => {
    const owner = await api.owner();
    const again = await api.stranger().post('/auth/signup', {
      email: owner.email.toUpperCase(),
      password: PASSWORD,
      name: 'x',
      orgName: 'y',
    });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  });

  it('answers an unknown address and a wrong password alike', async () => {
    const owner = await api.owner();
    const [wrong, unknown] = [
      await api.stranger().logIn(owner.email, 'not the one'),
      await api.stranger().logIn('nobody@example.test', 'x'),
    ];
    const { requestId: _a, ...first } = wrong.body;
    const { requestId: _b, ...second } = unknown.body;
    expect([wrong.status, first]).toEqual([401, second]);
    expect((await api.stranger().logIn(owner.email)).status).toBe(200);
  });

  it('refuses cookie writes without the CSRF token or from a foreign origin, and takes the public URL’s', async () => {
    const owner = await api.owner();
    const rename = (headers: Record<string, string>) =>
      owner.send('PATCH', `/orgs/${owner.orgId}`, { name: 'New' }, headers);
    expect((await rename({ 'x-csrf-token': '' })).body.code).toBe('csrf_failed');
    expect((await rename({ 'x-csrf-token': 'x'.repeat(43) })).body.code).toBe('csrf_failed');
    for (const origin of ['https://evil.test', 'null', 'http://localhost:3000.evil.test']) {
      const answer = await rename({ origin });
      expect([answer.status, answer.body.code]).toEqual([403, 'csrf_failed']);
    }
    expect((await rename({ origin: 'http://localhost:3000' })).status).toBe(200);
    const login = await api
      .stranger()
      .send(
        'POST',
        '/auth/login',
        { email: owner.email, password: PASSWORD },
        { origin: 'https://evil.test' },
      );
    expect(login.body.code).toBe('csrf_failed');
  });

  it('changes the password against the old one, ends the other sessions and keeps this one', async () => {
    const owner = await api.owner();
    const other = api.stranger();
    await other.logIn(owner.email);
    const wrong = await owner.post('/auth/password', {
      currentPassword: 'nope',
      newPassword: 'another good one',
    });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/currentPassword']);
    expect(
      (await owner.post('/auth/password', { currentPassword: PASSWORD, newPassword: 'another good one' }))
        .status,
    ).toBe(204);
    expect((await other.get('/auth/me')).status).toBe(401);
    expect((await owner.get('/auth/me')).status).toBe(200);
    expect((await api.stranger().logIn(owner.email)).status).toBe(401);
    expect((await api.stranger().logIn(owner.email, 'another good one')).status).toBe(200);
  });

  it('lists the caller’s sessions and ends one; a stranger’s is not found', async () => {
    const owner = await api.owner();
    const phone = api.stranger();
    await phone.logIn(owner.email);
    const { data } = (await owner.get('/auth/sessions')).body;
    expect(data).toHaveLength(2);
    const phoneId = data.find((entry: { current: boolean }) => !entry.current).id;
    const stranger = await api.owner();
    expect((await stranger.delete(`/auth/sessions/${phoneId}`)).status).toBe(404);
    expect((await owner.delete(`/auth/sessions/${phoneId}`)).status).toBe(204);
    expect((await phone.get('/auth/me')).status).toBe(401);
  });

  it('renames the org, with an audit row and an outbox event in the same transaction', async () => {
    const owner = await api.owner();
    expect((await owner.patch(`/orgs/${owner.orgId}`, { name: 'Renamed' })).body).toMatchObject({
      name: 'Renamed',
    });
    const stranger = await api.owner();
    expect((await stranger.patch(`/orgs/${owner.orgId}`, { name: 'Mine' })).status).toBe(404);
    expect((await owner.get(`/orgs/${owner.orgId}`)).body.name).toBe('Renamed');
  });
});
