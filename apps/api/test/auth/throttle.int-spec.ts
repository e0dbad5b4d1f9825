import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { PASSWORD } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('throttling of attempts', () => {
  let api: TestApi;
  let second: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_AUTH_THROTTLE: 'on' } });
    const { database, keyFiles } = api;
    second = await startTestApi({ env: { CLAVIGER_AUTH_THROTTLE: 'on' }, database, keyFiles });
  });
  afterAll(async () => {
    await second.stop();
    await api.stop();
  });

  let addresses = 0;
  const freshAddress = () => `203.0.113.${(addresses += 1)}`;
  const logIn = (email: string, password: string, address: string, at = api): Promise<Response> =>
    at.stranger().send('POST', '/auth/login', { email, password }, { 'x-forwarded-for': address });

  it('5 per account: the sixth is refused with Retry-After, even with the right password, from anywhere and any process', async () => {
    const { email } = await api.owner();
    for (let n = 0; n < 5; n += 1) expect((await logIn(email, 'wrong', freshAddress())).status).toBe(401);
    for (const at of [api, second]) {
      const answer = await logIn(email.toUpperCase(), PASSWORD, freshAddress(), at);
      expect([answer.status, answer.body.code]).toEqual([429, 'too_many_attempts']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await logIn((await api.owner()).email, PASSWORD, freshAddress())).status).toBe(200);
  });

  it('counts before it checks: of twenty guesses side by side at most five are looked at', async () => {
    const { email } = await api.owner();
    const guesses = await Promise.all(
      Array.from({ length: 20 }, () => logIn(email, 'wrong', freshAddress())),
    );
    expect(guesses.filter((answer) => answer.status === 401)).toHaveLength(5);
    expect(guesses.filter((answer) => answer.status === 429)).toHaveLength(15);
  });

  it('the right password forgives the account’s slips', async () => {
    const { email } = await api.owner();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 4; n += 1) expect((await logIn(email, 'wrong', freshAddress())).status).toBe(401);
      expect((await logIn(email, PASSWORD, freshAddress())).status).toBe(200);
    }
  });

  it('20 per address, whatever the accounts, unknown ones included', async () => {
    const address = freshAddress();
    for (let n = 0; n < 20; n += 1)
      expect((await logIn(`nobody-${n}@example.test`, 'x', address)).status).toBe(401);
    expect((await logIn('nobody-20@example.test', 'x', address)).status).toBe(429);
    expect((await logIn('nobody-21@example.test', 'x', freshAddress())).status).toBe(401);
  });

  it('people who sign in rightly do not use up their address, and do not cover for who guesses there', async () => {
    const address = freshAddress();
    const { email } = await api.owner();
    for (let n = 0; n < 25; n += 1) expect((await logIn(email, PASSWORD, address)).status).toBe(200);
    for (let n = 0; n < 20; n += 1) {
      expect((await logIn(`guess-${n}@example.test`, 'x', address)).status).toBe(401);
      if (n % 5 === 0) expect((await logIn(email, PASSWORD, address)).status).toBe(200);
    }
    expect((await logIn('guess-20@example.test', 'x', address)).status).toBe(429);
  });

  /** `"name";a=1;b=2, …` as a structured field list (RFC 9651) of these two headers. */
  const items = (answer: Response, header: string) =>
    Object.fromEntries(
      (answer.headers[header] as string).split(', ').map((item) => {
        const [, name, ...parameters] = /^"([a-z]+)";([a-z])=(\d+);([a-z])=(\d+)$/.exec(item) ?? [];
        const [first, one, second, two] = parameters;
        return [name, { [first!]: Number(one), [second!]: Number(two) }];
      }),
    );

  it('tells what is left in RateLimit, how it is counted in RateLimit-Policy, and when to come back in Retry-After', async () => {
    const { email } = await api.owner();
    const address = freshAddress();
    for (let left = 4; left >= 0; left -= 1) {
      const answer = await logIn(email, 'wrong', address);
      expect([answer.status, items(answer, 'ratelimit')]).toEqual([
        401,
        { account: { r: left, t: 900 }, address: { r: left + 15, t: 900 } },
      ]);
      expect(items(answer, 'ratelimit-policy')).toEqual({
        account: { q: 5, w: 900 },
        address: { q: 20, w: 900 },
      });
    }
    const refused = await logIn(email, PASSWORD, freshAddress());
    expect([refused.status, refused.headers['retry-after'], items(refused, 'ratelimit')]).toEqual([
      429,
      '900',
      { account: { r: 0, t: 900 } },
    ]);
    const right = await logIn((await api.owner()).email, PASSWORD, address);
    expect(items(right, 'ratelimit')).toEqual({ account: { r: 5, t: 900 }, address: { r: 15, t: 900 } });
  });

  it('tells it on sign-up too, which is counted by address alone', async () => {
    const body = { email: 'new-here@example.test', password: PASSWORD, name: 'New', orgName: 'New' };
    const address = { 'x-forwarded-for': freshAddress() };
    const answer = await api.stranger().send('POST', '/auth/signup', body, address);
    expect([answer.status, items(answer, 'ratelimit')]).toEqual([201, { address: { r: 19, t: 900 } }]);
    for (let n = 0; n < 19; n += 1) await api.stranger().send('POST', '/auth/signup', body, address);
    const refused = await api.stranger().send('POST', '/auth/signup', body, address);
    expect([refused.status, refused.headers['retry-after'], items(refused, 'ratelimit')]).toEqual([
      429,
      '900',
      { address: { r: 0, t: 900 } },
    ]);
  });

  it('guards the change of a password too', async () => {
    const owner = await api.owner();
    const change = (currentPassword: string) =>
      owner.post('/auth/password', { currentPassword, newPassword: 'another good one' });
    for (let n = 0; n < 5; n += 1) expect((await change('wrong')).status).toBe(422);
    expect((await change(PASSWORD)).body.code).toBe('too_many_attempts');
  });
});
