import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSuperuser } from '../support/members.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OWNER = { email: 'first@example.test', password: 'a headless password' };
const env = {
  CLAVIGER_INIT_OWNER_EMAIL: OWNER.email,
  CLAVIGER_INIT_OWNER_PASSWORD: OWNER.password,
  CLAVIGER_INIT_ORG: 'Headless Inc.',
  CLAVIGER_PUBLIC_URL: 'https://keys.example.com',
};

describe('the headless first owner', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ env });
  });
  afterAll(() => api.stop());

  it('is there after the boot, with their organization', async () => {
    const answer = await api.stranger().logIn(OWNER.email, OWNER.password);
    expect(answer.body.org).toMatchObject({ name: 'Headless Inc.', role: 'OWNER' });
  });

  it('is made once: further starts, and further processes, change nothing', async () => {
    const { database, keyFiles } = api;
    const again = { ...env, CLAVIGER_INIT_OWNER_PASSWORD: 'another password that is ignored' };
    const others = await Promise.all([
      startTestApi({ env: again, database, keyFiles }),
      startTestApi({ env: again, database, keyFiles }),
    ]);
    expect((await api.stranger().logIn(OWNER.email, OWNER.password)).status).toBe(200);
    const { rows } = await withSuperuser(api, (pool) => pool.query('SELECT 1 FROM orgs'));
    expect(rows).toHaveLength(1);
    for (const other of others) await other.stop();
  });

  it('gets a cookie that no other host, path or plain http can set or read, where the public URL is https', async () => {
    const answer = await api.stranger().logIn(OWNER.email, OWNER.password);
    const cookie = answer.headers['set-cookie']?.[0];
    expect(cookie).toMatch(
      /^__Host-claviger_session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const person = api.stranger().take(answer);
    expect((await person.get('/auth/me')).status).toBe(200);
    person.cookie = person.cookie?.replace('__Host-', '');
    expect((await person.get('/auth/me')).status).toBe(401);
  });
});
