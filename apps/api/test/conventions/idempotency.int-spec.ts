import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('Idempotency-Key', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  let keys = 0;
  const freshKey = () => `key-${(keys += 1)}`;
  const post = (key: string, body: object, person = owner, path = '/tokens') =>
    person.send('POST', path, body, { 'idempotency-key': key });
  const count = async (name: string) =>
    (await owner.get('/tokens?limit=200')).body.data.filter((row: { name: string }) => row.name === name)
      .length;

  it('answers the same again, secrets nulled, and makes nothing twice', async () => {
    const key = freshKey();
    const body = { name: 'once', kind: 'api' };
    const first = await post(key, body);
    const again = await post(key, body);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual({ ...first.body, token: null });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await count('once')).toBe(1);
  });

  it('refuses the key with another body, and gives it back after a failed call', async () => {
    const key = freshKey();
    expect((await post(key, { name: 'x', kind: 'nonsense' })).status).toBe(422);
    expect((await post(key, { name: 'a', kind: 'api' })).status).toBe(201);
    const other = await post(key, { name: 'b', kind: 'api' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
  });

  it('runs equal calls side by side once: the others are told that it is in flight, or get its answer', async () => {
    const key = freshKey();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post(key, { name: 'parallel', kind: 'api' })),
    );
    expect(await count('parallel')).toBe(1);
    for (const answer of answers) {
      expect([201, 409]).toContain(answer.status);
      if (answer.status === 409) expect(answer.body.code).toBe('idempotency_in_flight');
    }
    expect(answers.filter((answer) => answer.status === 201 && answer.body.token !== null)).toHaveLength(1);
  });

  it('keeps callers and routes apart', async () => {
    const key = freshKey();
    const stranger = await api.owner();
    const [mine, theirs] = [
      await post(key, { name: 'apart', kind: 'api' }),
      await post(key, { name: 'apart', kind: 'api' }, stranger),
    ];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.token).not.toBeNull();
    expect((await post(key, {}, owner, '/invites')).status).toBe(201);
  });

  it('checks rights before it answers anything, and refuses a malformed key', async () => {
    const key = freshKey();
    await post(key, { name: 'mine', kind: 'api' });
    const stranger = api.stranger();
    expect((await post(key, { name: 'mine', kind: 'api' }, stranger)).status).toBe(401);
    expect((await post('with blank', { name: 'x', kind: 'api' })).body.code).toBe('validation_failed');
    expect((await post('x'.repeat(256), { name: 'x', kind: 'api' })).body.code).toBe('validation_failed');
  });
});
