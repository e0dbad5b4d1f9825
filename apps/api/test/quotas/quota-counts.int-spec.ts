import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const MAX = 200;
const AT_ONCE = Array.from({ length: 12 }, (_, at) => at);
const quota = (name: string) => ({
  ...{ name, scope: { type: 'organization' }, metric: 'runs', window: 'day', max: 5 },
});

describe('#45 what every authorisation reads has a limit that parallel requests cannot pass', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  it('200 quotas', async () => {
    for (let at = 0; at < MAX - 2; at += 1)
      expect((await owner.post('/quotas', quota(`q${at}`))).status).toBe(201);
    const answers = await Promise.all(AT_ONCE.map((at) => owner.post('/quotas', quota(`r${at}`))));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 201, ...AT_ONCE.slice(2).map(() => 409)]);
    expect(answers.find(({ status }) => status === 409)?.body.detail).toContain(String(MAX));
  });
});
