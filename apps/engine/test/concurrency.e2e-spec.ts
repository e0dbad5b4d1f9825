import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { call, run, startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

let stage: Stage;
let second: string;

beforeAll(async () => {
  stage = await startStage();
  second = (await stage.second()).url;
});
afterAll(() => stage?.stop());

describe('#37 #44 a key with a limit of requests at once, over two engines', () => {
  it('is never asked for more at once; runs wait for each other, in the queue too, and none is lost', async () => {
    const tenant = await stage.tenants.create();
    const keyId = await stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-slots-0123456789abcd',
      baseUrl: stage.upstream.baseUrls.openai,
    });
    await stage.db.query('UPDATE provider_keys SET limits = $1 WHERE id = $2', [
      { concurrency: 2 },
      toUuid(keyId),
    ]);
    stage.upstream.respond(() => ({ text: 'Done.', delayMs: 150, usage: { input: 1, output: 1 } }));
    let most = 0;
    const looking = setInterval(() => void held().then((many) => (most = Math.max(most, many))), 20);
    const agent = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
    const urls = [stage.url, second];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => run(stage, tenant, agent, { url: urls[at % 2] })),
    );
    const queued = await Promise.all(
      Array.from({ length: 4 }, (_, at) =>
        run(stage, tenant, agent, { url: urls[at % 2], headers: { prefer: 'respond-async' } }),
      ),
    );
    const ended = await Promise.all(
      queued.map(({ body }) => call(stage, tenant, 'GET', `/agent-runs/${body.id}?wait=30`)),
    );
    clearInterval(looking);
    // A machine that is too slow for all at once may not get some of them begun in time: nothing of those was sent.
    const begun = answers.filter(({ body }) => body.code !== 'overloaded');
    expect(begun.map(({ status, body }) => [status, body.text])).toEqual(begun.map(() => [200, 'Done.']));
    expect(ended.map(({ body }) => body.status)).toEqual(ended.map(() => 'succeeded'));
    expect(stage.upstream.requests).toHaveLength(begun.length + ended.length);
    expect([1, 2]).toContain(most);
    expect(begun.length).toBeGreaterThan(0);
    await until(async () => (await held()) === 0);

    async function held(): Promise<number> {
      const { rows } = await stage.db.query<{ n: number }>(
        `SELECT coalesce(json_array_length(state::json -> 'held'), 0) AS n FROM rate_buckets WHERE name LIKE '%/slots/' || $1`,
        [keyId],
      );
      return rows[0]?.n ?? 0;
    }
  }, 60_000);

  it('a call that finds no room in its time is refused by name, and one that was cut off leaves room', async () => {
    const tenant = await stage.tenants.create();
    const keyId = await stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-slots-0123456789abcd',
      baseUrl: stage.upstream.baseUrls.openai,
    });
    await stage.db.query('UPDATE provider_keys SET limits = $1 WHERE id = $2', [
      { concurrency: 1 },
      toUuid(keyId),
    ]);
    stage.upstream.reset();
    stage.upstream.respond(({ lastUserText }) =>
      lastUserText === 'Hang.' ? { hang: 'headers' } : { text: 'Done.' },
    );
    const headers = { prefer: 'respond-async' };
    const hanging = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hang.' }, { headers });
    await until(() => stage.upstream.requests.length === 1);
    const refused = await run(
      stage,
      tenant,
      { model: 'gpt-4.1-mini', prompt: 'Hi.', timeoutMs: 500 },
      { url: second },
    );
    expect([refused.status, refused.body]).toEqual([
      429,
      expect.objectContaining({ code: 'rate_limited', metric: 'concurrency', limit: 1, scopeId: keyId }),
    ]);
    expect(refused.headers.get('retry-after')).toBe('1');
    await call(stage, tenant, 'POST', `/agent-runs/${hanging.body.id}/cancel`);
    const next = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.' }, { url: second });
    expect(next.status).toBe(200);
  });
});
