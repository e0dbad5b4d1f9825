import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { joinPending } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';
import { noticeTo } from '../support/notices.js';

const ALL = { effect: 'Allow', actions: ['*'], resources: ['*'] };

/** No right is gained through another (PRODUCT #5): whoever holds a limited token stays within its limits. */
describe('#5 a limited token', () => {
  let api: TestApi;
  let owner: Person;
  let hidden: string;
  let pending: string;
  let member: string;
  let holders: [string, Person][];

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    const key = { name: 'Hidden', provider: 'openai', secret: 'sk-hidden-0123456789abcdef' };
    hidden = (await owner.post('/ai-providers', key)).body.id;
    pending = (await joinPending(api, owner, 'ADMIN')).memberId;
    member = owner.memberId;
    const issue = async (body: object): Promise<Person> =>
      api
        .stranger()
        .withToken((await owner.post('/tokens', { name: 'Limited', kind: 'api', ...body })).body.token);
    holders = [
      ['with a Deny', await issue({ permissions: [ALL, { ...ALL, effect: 'Deny', resources: [hidden] }] })],
      ['with an Allow of everything', await issue({ permissions: [ALL] })],
      ['with an end', await issue({ expiresAt: '2099-01-01T00:00:00Z' })],
    ];
  });
  afterAll(() => api.stop());

  it('invites nobody, opens no link, approves nobody and gives no role', async () => {
    const invite = (await owner.post('/invites', {})).body.id;
    for (const [which, token] of holders) {
      const answers = [
        await token.post('/invites', { role: 'OWNER' }),
        await token.patch(`/invites/${invite}`, { enabled: true }),
        await token.post(`/members/${pending}/approve`, { role: 'OWNER' }),
        await token.patch(`/members/${member}`, { role: 'OWNER' }),
      ];
      expect([which, ...answers.map(({ status, body }) => [status, body.code])]).toEqual([
        which,
        ...answers.map(() => [403, 'forbidden']),
      ]);
      expect(answers[0]?.body.detail).toMatch(/Sign in and do it there/);
    }
  });

  it('exports and ends no organization', async () => {
    for (const [which, token] of holders) {
      const answers = [
        await token.get(`/orgs/${owner.orgId}/export`),
        await token.get(`/orgs/${owner.orgId}/deletion`),
        await token.send('DELETE', `/orgs/${owner.orgId}`, { confirm: 'anything' }),
      ];
      expect([which, ...answers.map(({ status }) => status)]).toEqual([which, 403, 403, 403]);
    }
  });

  it('is not told of the end of a key that its document leaves out, nor may it dismiss that', async () => {
    const notice = await noticeTo(api, owner);
    const [told] = (await owner.get('/notices')).body.data;
    const body = {
      name: 'Blind',
      kind: 'api',
      permissions: [ALL, { ...ALL, effect: 'Deny', resources: [told.subjectId] }],
    };
    const blind = api.stranger().withToken((await owner.post('/tokens', body)).body.token);
    const { status, text } = await blind.get('/notices');
    expect([status, text.includes(told.subjectId), text.includes(notice)]).toEqual([200, false, false]);
    expect((await blind.post(`/notices/${notice}/dismiss`)).status).toBe(404);
    expect((await owner.get('/notices')).text).toContain(notice);
  });

  it('the control: a token without limits does what its owner may', async () => {
    const made = await owner.post('/tokens', { name: 'Whole', kind: 'api' });
    const whole = api.stranger().withToken(made.body.token);
    expect((await whole.post('/invites', { role: 'ADMIN' })).status).toBe(201);
    expect((await whole.post(`/members/${pending}/approve`, {})).status).toBe(200);
    expect((await whole.get(`/orgs/${owner.orgId}/export`)).status).toBe(200);
  });
});
