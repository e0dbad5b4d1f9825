import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const MAX = 500;
const AT_ONCE = Array.from({ length: 60 }, (_, at) => at);
const PRICE = { provider: 'openai', inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 2 };

describe('#53 what every authorisation reads has a limit that parallel requests cannot pass', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  it('500 prices: of 60 requests at once ten are let in over 490', async () => {
    await withSuperuser(api, (db) =>
      db.query(
        `INSERT INTO price_overrides (org_id, id, provider, model, input_micro_usd_per_mtok, output_micro_usd_per_mtok, effective_from)
         SELECT $1, gen_random_uuid(), 'openai', 'm' || n, 1, 2, now() FROM generate_series(1, $2) AS n`,
        [toUuid(owner.orgId), MAX - 10],
      ),
    );
    const answers = await Promise.all(
      AT_ONCE.map((at) => owner.post('/price-overrides', { ...PRICE, model: `r${at}` })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual(AT_ONCE.map((at) => (at < 10 ? 201 : 409)));
    expect(answers.find(({ status }) => status === 409)?.body.detail).toContain(String(MAX));
  });
});
