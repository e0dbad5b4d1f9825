import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { Claviger, ContentNotKeptError, type RunEvent } from '#lib/sdk';
import { formsOf, search } from './support/canaries.js';
import { cuttingFetch } from './support/cutting-fetch.js';
import { addPolicy } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const CANARY = 'canary-unkept-4f0b';
const WORDS = Array.from({ length: 12 }, (_, at) => `${CANARY} ${at} `);
const WHOLE = WORDS.join('');

let stage: Stage;
let otherUrl: string;
let tenant: Tenant;

beforeAll(async () => {
  // Whoever hands a run over waits for this process.
  stage = await startStage();
  otherUrl = (await stage.second({ runSlots: 0 })).url;
});
afterAll(() => stage?.stop());

const LEVELS = ['metadata', 'none'] as const;

async function tenantThatKeeps(content: string | null): Promise<void> {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-unkept-0123456789a', baseUrl });
  if (content) await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
}

const isOver = () =>
  until(async () => {
    const { rows } = await stage.db.query<{ status: string }>(
      'SELECT status FROM agent_runs WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    return rows.length > 0 && rows.every(({ status }) => status === 'succeeded');
  }, 30_000);

/** Cuts the first stream after 600 bytes; the next request is sent to `url` when the run is over. */
function cutClient(url: string): Claviger {
  const { fetch: cutting } = cuttingFetch((n) => (n === 0 ? 600 : null));
  let sent = 0;
  const late: typeof fetch = async (input, init) => {
    if (sent++ === 0) return cutting(input, init);
    await isOver();
    return cutting(String(input).replace(stage.url, url), init);
  };
  const { token, workspaceId } = tenant;
  return new Claviger({ url: stage.url, token, workspaceId, fetch: late });
}

async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const came: RunEvent[] = [];
  for await (const event of events) came.push(event);
  return came;
}

const textOf = (events: { type?: string; event?: string; data: unknown }[]) =>
  events
    .filter(({ type, event }) => (type ?? event) === 'text.delta')
    .map(({ data }) => (data as { delta: string }).delta)
    .join('');

const MARK = { status: 'succeeded', text: '', output: null, contentKept: false };

describe.each(LEVELS)('#34 #48 a run of which %s is kept, and a stream of it that is cut', (content) => {
  beforeEach(async () => {
    await tenantThatKeeps(content);
    // Short: nobody listens between the cut and the end, and a run is left to itself for 5 s only.
    stage.upstream.script({ text: WORDS, pieceDelayMs: 10 });
  });

  it('taken up at its own process after its end: the rest is told, each event once', async () => {
    const events = await all(cutClient(stage.url).runs.stream({ agent: AGENT }));
    expect(events.map(({ id }) => id)).toEqual(events.map((_, at) => at + 1));
    expect(textOf(events)).toBe(WHOLE);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', data: { text: WHOLE, retention: content } });
    expect(JSON.stringify(events)).not.toContain('contentKept');
    const { runId, id } = events.at(-1)!;
    const again = { headers: { 'last-event-id': String(id) } };
    expect(await allFrames(await send(stage, tenant, 'GET', `/agent-runs/${runId}/events`, again))).toEqual(
      [],
    );
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('awaited at its own process: the whole answer', async () => {
    expect(await cutClient(stage.url).runs.create({ agent: AGENT })).toMatchObject({ text: WHOLE });
  });

  it('taken up at another process: its last event says that what is missing was not kept', async () => {
    const events = await all(cutClient(otherUrl).runs.stream({ agent: AGENT }));
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', data: { ...MARK, retention: content } });
    expect(textOf(events).length).toBeLessThan(WHOLE.length);
  });

  it('awaited at another process: the SDK throws by name', async () => {
    const thrown: unknown = await cutClient(otherUrl)
      .runs.create({ agent: AGENT })
      .catch((error: unknown) => error);
    if (!(thrown instanceof ContentNotKeptError)) throw new Error(`not thrown: ${String(thrown)}`);
    expect(thrown).toMatchObject({ name: 'ContentNotKeptError', retention: content, run: MARK });
    expect(thrown.runId).toMatch(/^run_/);
  });
});

describe.each(LEVELS)('#38 #48 equal posts of a run of which %s is kept, at two processes', (content) => {
  beforeEach(async () => {
    await tenantThatKeeps(content);
    stage.upstream.script({ text: WORDS, usage: { input: 5, output: 3 }, delayMs: 200 });
  });

  it('are one run: told where it ran, afterwards too; said to be not kept elsewhere; written nowhere', async () => {
    const post = (url: string) => run(stage, tenant, AGENT, { node: 'equal', url });
    const first = post(stage.url);
    await until(() => stage.upstream.requests.length === 1);
    const urls = Array.from({ length: 10 }, (_, at) => (at % 2 ? otherUrl : stage.url));
    const answers = await Promise.all(urls.map(post));
    const { body } = await first;
    expect(body).toMatchObject({ status: 'succeeded', text: WHOLE, retention: content });
    expect(body).not.toHaveProperty('contentKept');
    answers.forEach((answer, at) => {
      if (urls[at] === stage.url) expect(answer.body).toEqual(body);
      else expect(answer.body).toMatchObject({ ...MARK, id: body.id, retention: content });
    });
    expect((await post(stage.url)).body).toEqual(body);
    const later = (await post(otherUrl)).body;
    expect(later).toMatchObject(MARK);
    expect(later.usage.outputTokens).toBe(content === 'none' ? 0 : 3);
    const streamed = await send(stage, tenant, 'POST', '/agent-runs', {
      body: { nodeExecutionId: 'equal', agent: AGENT },
      headers: { accept: 'text/event-stream' },
    });
    expect(textOf(await allFrames(streamed))).toBe(WHOLE);
    const other = await run(stage, tenant, { ...AGENT, prompt: 'Else.' }, { node: 'equal' });
    expect([other.body.code, stage.upstream.requests.length]).toEqual(['idempotency_mismatch', 1]);
    expect((await search(stage, formsOf(CANARY))).found).toEqual([]);
  });

  it('handed over: waited for at its own process it is told, else and without waiting it says that it is not kept', async () => {
    const { body, status } = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
    expect([status, 'contentKept' in body]).toEqual([202, false]);
    const look = async (query: string, url = stage.url) =>
      (await call(stage, tenant, 'GET', `/agent-runs/${body.id}${query}`, { url })).body;
    expect(await look('?wait=10')).toMatchObject({ status: 'succeeded', text: WHOLE, retention: content });
    expect(await look('?wait=1')).toMatchObject({ text: WHOLE });
    expect(await look('?wait=1', otherUrl)).toMatchObject(MARK);
    expect(await look('')).toMatchObject(MARK);
    const { body: page } = await call<{ data: object[] }>(stage, tenant, 'GET', '/agent-runs');
    expect(page.data).toMatchObject([MARK]);
    const stranger = await stage.tenants.create();
    const foreign = await call(stage, stranger, 'GET', `/agent-runs/${body.id}?wait=1`);
    const events = await call(stage, stranger, 'GET', `/agent-runs/${body.id}/events`);
    expect([foreign.status, events.status]).toEqual([404, 404]);
  });
});

describe('#38 control: of a run that is kept whole', () => {
  it('every answer is the same, from its row to the byte, at both processes, and has no mark', async () => {
    await tenantThatKeeps(null);
    stage.upstream.script({ text: WORDS });
    const bytes = async (method: string, path: string, url: string, body?: object) =>
      (await send(stage, tenant, method, path, { url, body })).text();
    const body = { nodeExecutionId: 'whole', agent: AGENT };
    const first = await bytes('POST', '/agent-runs', stage.url, body);
    const answer = JSON.parse(first) as { id: string };
    expect(answer).toMatchObject({ text: WHOLE });
    expect(answer).not.toHaveProperty('contentKept');
    const kept = await bytes('GET', `/agent-runs/${answer.id}`, stage.url);
    expect(JSON.parse(kept)).toEqual(answer);
    for (const url of [stage.url, otherUrl]) {
      expect(await bytes('POST', '/agent-runs', url, body)).toBe(kept);
      expect(await bytes('GET', `/agent-runs/${answer.id}?wait=1`, url)).toBe(kept);
    }
  });
});
