import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const PRICE = {
  ...{ provider: 'openai', model: 'gpt-4.1' },
  ...{ inputMicroUsdPerMTok: 0, outputMicroUsdPerMTok: 0 },
};

let api: TestApi;
let owner: Person;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  owner = await api.owner();
});

interface Holder {
  id: string;
  person: Person;
}

const tokenBy = async (
  by: Person,
  path = '/tokens',
  body: object = { name: 'T', kind: 'api' },
): Promise<Holder> => {
  const answer = await by.post(path, body);
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return { id: answer.body.id, person: api.stranger().withToken(answer.body.token) };
};
const budgetOf = async (scope: object, more: object = {}) => {
  const quota = { metric: 'cost_micro_usd', window: 'day', max: 1_000 };
  const { status, body } = await owner.post('/quotas', { name: 'Small', scope, ...quota, ...more });
  expect([status, body.detail]).toEqual([201, undefined]);
  return body.id as string;
};
/** The token itself, one that it made and one that took its place. */
const lineOf = async (token: Holder): Promise<Holder[]> => [
  token,
  await tokenBy(token.person),
  await tokenBy(token.person, `/tokens/${token.id}/roll`, { overlapSeconds: 600 }),
];

describe('#45 #53 a token is not the judge of its own quota', () => {
  it('neither it nor its line raises, loosens or deletes what is for it; whoever signs in does', async () => {
    const token = await tokenBy(owner);
    const path = `/quotas/${await budgetOf({ type: 'token', id: token.id })}`;
    for (const { person } of await lineOf(token)) {
      for (const change of [{ max: 1_000_000_000 }, { mode: 'monitor' }, { thresholds: [100] }]) {
        const { status, body } = await person.patch(path, change);
        expect([status, body.code]).toEqual([403, 'forbidden']);
        expect(body.detail).toMatch(/token that you came with/);
      }
      expect((await person.delete(path)).status).toBe(403);
    }
    expect((await owner.get(path)).body).toMatchObject({ max: 1_000, mode: 'enforce', version: 1 });
    expect((await owner.patch(path, { max: 2_000 })).status).toBe(200);
    expect((await owner.delete(path)).status).toBe(204);
  });

  it('a token changes the quotas of others, as its rights say', async () => {
    const [token, other] = [await tokenBy(owner), await tokenBy(owner)];
    const path = `/quotas/${await budgetOf({ type: 'token', id: other.id })}`;
    expect((await token.person.patch(path, { max: 2_000 })).status).toBe(200);
    expect((await token.person.delete(path)).status).toBe(204);
  });

  it('one that is under a budget, as one of its line, sets no prices, and is told which budget it is', async () => {
    const token = await tokenBy(owner);
    const line = await lineOf(token);
    const mine = (await token.person.post('/price-overrides', PRICE)).body.id;
    await budgetOf({ type: 'token', id: token.id }, { mode: 'monitor' });
    for (const { person } of line) {
      const made = await person.post('/price-overrides', { ...PRICE, model: 'gpt-4.1-mini' });
      expect([made.status, made.body.code]).toEqual([403, 'forbidden']);
      expect(made.body.detail).toContain('Small');
      expect((await person.delete(`/price-overrides/${mine}`)).status).toBe(403);
    }
    expect((await owner.get('/price-overrides')).body.data).toHaveLength(1);
    expect((await owner.delete(`/price-overrides/${mine}`)).status).toBe(204);
  });

  it('a quota that counts no money leaves prices alone', async () => {
    const token = await tokenBy(owner);
    await budgetOf({ type: 'token', id: token.id }, { metric: 'runs' });
    expect((await token.person.post('/price-overrides', PRICE)).status).toBe(201);
  });
});
