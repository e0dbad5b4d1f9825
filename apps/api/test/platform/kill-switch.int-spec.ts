import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const PATH = '/platform/kill-switch';

describe('#56 the kill switch', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
  });
  afterAll(() => api.stop());

  it('is off until the operator sets it, and is kept over restarts', async () => {
    const operator = api.stranger().withToken(OPERATOR_TOKEN);
    expect((await operator.get(PATH)).body).toEqual({ enabled: false, reason: '' });
    const set = await operator.put(PATH, { enabled: true, reason: 'Key leak at a vendor' });
    expect([set.status, set.body]).toEqual([200, { enabled: true, reason: 'Key leak at a vendor' }]);
    const { database, keyFiles } = api;
    const restarted = await startTestApi({
      env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN },
      database,
      keyFiles,
    });
    expect((await restarted.stranger().withToken(OPERATOR_TOKEN).get(PATH)).body.enabled).toBe(true);
    await restarted.stop();
    expect((await operator.put(PATH, { enabled: false })).body).toEqual({ enabled: false, reason: '' });
  });

  it('is nobody else’s: no OWNER, no token, no guess; and what is sent to it is validated', async () => {
    const owner = await api.owner();
    const token = (await owner.post('/tokens', { name: 't', kind: 'api' })).body.token;
    for (const person of [
      owner,
      owner.withToken(token),
      api.stranger(),
      api.stranger().withToken(`${OPERATOR_TOKEN}x`),
    ]) {
      const answers = [await person.get(PATH), await person.put(PATH, { enabled: true })];
      expect(answers.map((answer) => [answer.status, answer.body.code])).toEqual([
        [401, 'unauthenticated'],
        [401, 'unauthenticated'],
      ]);
    }
    const operator = api.stranger().withToken(OPERATOR_TOKEN);
    expect((await operator.put(PATH, { enabled: 'yes', because: 'x' })).body.errors).toHaveLength(2);
    expect((await operator.get('/plan')).status).toBe(401);
  });

  it('has no operator where none is configured', async () => {
    const { database, keyFiles } = api;
    const other = await startTestApi({ database, keyFiles });
    expect((await other.stranger().withToken(OPERATOR_TOKEN).get(PATH)).status).toBe(401);
    await other.stop();
  });
});
