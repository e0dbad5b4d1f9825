import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { toUuid } from '#lib/kernel';
import { Quotas } from './support/quotas.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const OTHER = { ...AGENT, prompt: 'Other.' };
const POSTS = 100;

let stage: Stage;
let urls: string[];
let tenant: Tenant;
let keyId: string;

beforeAll(async () => {
  stage = await startStage();
  urls = [stage.url, (await stage.second()).url];
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  stage.upstream.respond(() => ({ text: ['On', 'ce.'], delayMs: 200 }));
  tenant = await stage.tenants.create();
  keyId = await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-equal-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

const limit = (limits: object) =>
  stage.db.query('UPDATE provider_keys SET limits = $1 WHERE id = $2', [limits, toUuid(keyId)]);
/** The same post so many times at once, to both processes in turn. One that a busy machine keeps waiting asks again, as the SDK does. */
const posts = <T extends { status: number }>(post: (url: string) => Promise<T>): Promise<T[]> =>
  Promise.all(
    Array.from({ length: POSTS }, async (_, at) => {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await post(urls[at % 2]!);
        if (answer.status !== 503 || attempt === 20) return answer;
        await delay(500);
      }
    }),
  );
/** How many there are that are not equal, whatever the order of their fields. */
const different = (answers: unknown[]) =>
  answers.filter((answer, at) => answers.findIndex((first) => isDeepStrictEqual(first, answer)) === at)
    .length;

async function executions(): Promise<number> {
  const { rows } = await stage.db.query<{ used: number }>(
    `SELECT used FROM plan_counters WHERE org_id = $1 AND resource LIKE 'executions:%'`,
    [toUuid(tenant.orgId)],
  );
  return rows[0]?.used ?? 0;
}

describe(`#38 ${POSTS} posts of one node execution at once, to two engines`, () => {
  // The last: with room for one request a minute, whoever is not the first must ask for none.
  describe.each([[{}], [{ rpm: 1 }]])('where the key has the limits %j', (limits) => {
    beforeEach(() => limit(limits));

    it('are one execution with equal answers; another body is idempotency_mismatch', async () => {
      const answers = await posts((url) => run(stage, tenant, AGENT, { node: 'sync', url }));
      expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
      expect(different(answers.map(({ body }) => body))).toBe(1);
      expect([stage.upstream.requests.length, await executions()]).toEqual([1, 1]);
      for (const url of urls) {
        const { status, body } = await run(stage, tenant, OTHER, { node: 'sync', url });
        expect([status, body.code]).toEqual([422, 'idempotency_mismatch']);
      }
    }, 120_000);

    it('as event streams tell all the same', async () => {
      const streams = await posts(async (url) => {
        const body = { nodeExecutionId: 'stream', agent: AGENT };
        const headers = { accept: 'text/event-stream' };
        const answer = await send(stage, tenant, 'POST', '/agent-runs', { body, headers, url });
        return { status: answer.status, told: answer.ok ? await allFrames(answer) : [] };
      });
      expect([...new Set(streams.map(({ status }) => status))]).toEqual([200]);
      expect(different(streams.map(({ told }) => told.at(-1)?.data))).toBe(1);
      expect(different(streams.map(({ told }) => textOf(told)))).toBe(1);
      expect([stage.upstream.requests.length, await executions()]).toEqual([1, 1]);
    }, 120_000);

    it('in the background are one run', async () => {
      const headers = { prefer: 'respond-async' };
      const answers = await posts((url) => run(stage, tenant, AGENT, { node: 'async', url, headers }));
      // One that came when the run was over got its answer.
      expect([200, 202]).toEqual(expect.arrayContaining([...new Set(answers.map(({ status }) => status))]));
      expect(different(answers.map(({ body }) => body.id))).toBe(1);
      const ended = await call(stage, tenant, 'GET', `/agent-runs/${answers[0]!.body.id}?wait=20`);
      expect(ended.body).toMatchObject({ status: 'succeeded', text: 'Once.' });
      expect([stage.upstream.requests.length, await executions()]).toEqual([1, 1]);
    }, 120_000);
  });

  it('take no more of a quota than one does, and are refused together where there is no room', async () => {
    const quotas = new Quotas(stage.db);
    await quotas.add(tenant.orgId, { metric: 'runs', max: 1 });
    const answers = await posts((url) => run(stage, tenant, AGENT, { node: 'quota', url }));
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    expect(different(answers.map(({ body }) => body))).toBe(1);
    const refused = await posts((url) => run(stage, tenant, AGENT, { node: 'no room', url }));
    expect([...new Set(refused.map(({ body }) => body.code))]).toEqual(['quota_exceeded']);
    expect(stage.upstream.requests).toHaveLength(1);
  }, 120_000);
});

describe('#44 a run that is refused for its rate', () => {
  it('leaves no row and counts nothing: the same node execution may begin later', async () => {
    await limit({ rpm: 1 });
    expect((await run(stage, tenant, AGENT, { node: 'first' })).status).toBe(200);
    const refused = await run(stage, tenant, AGENT, { node: 'second' });
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(refused.headers.get('ratelimit')).toContain('key-rpm');
    expect(await executions()).toBe(1);
    const { rowCount } = await stage.db.query('SELECT 1 FROM agent_runs WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rowCount).toBe(1);
  });
});

function textOf(told: { event: string; data: Record<string, unknown> }[]): string {
  const deltas = told.filter(({ event }) => event === 'text.delta').map(({ data }) => String(data['delta']));
  return deltas.length > 0 ? deltas.join('') : 'Once.';
}
