import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, toUuid } from '#lib/kernel';
import { allFrames, frames, type Frame } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const SSE = { accept: 'text/event-stream' };
const CUTS = 200;

let stage: Stage;
let tenant: Tenant;
let second: string;

beforeAll(async () => {
  stage = await startStage();
  second = (await stage.second({ runSlots: 0 })).url;
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-events-0123456789ab',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});
afterAll(() => stage?.stop());

const words = (count: number) => Array.from({ length: count }, (_, n) => `word ${n} – ${'é'.repeat(n % 7)} `);
const events = (id: string, after: number, url: string, signal?: AbortSignal) =>
  send(stage, tenant, 'GET', `/agent-runs/${id}/events`, {
    headers: { ...SSE, ...(after > 0 && { 'last-event-id': String(after) }) },
    url,
    signal,
  });
const streamed = (signal?: AbortSignal) =>
  send(stage, tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: newId('req'), agent: AGENT },
    headers: SSE,
    signal,
  });

/** Reads so many bytes of a response and cuts the connection. Answers the frames that came whole. */
async function cutAfter(bytes: number, ask: (signal: AbortSignal) => Promise<Response>): Promise<Frame[]> {
  const cut = new AbortController();
  const response = await ask(cut.signal);
  let left = bytes;
  const body = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        out.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) out.terminate();
      },
    }),
  );
  const came: Frame[] = [];
  for await (const frame of frames(new Response(body))) came.push(frame);
  cut.abort();
  return came;
}

async function statusOf(id: string): Promise<string> {
  const { rows } = await stage.db.query<{ status: string }>('SELECT status FROM agent_runs WHERE id = $1', [
    toUuid(id),
  ]);
  return rows[0]!.status;
}

describe('#34 a stream that was cut', () => {
  it(`${CUTS} times at random bytes and resumed, through either process, equals the uninterrupted one`, async () => {
    stage.upstream.script({ text: words(80), pieceDelayMs: 15 });
    const whole = streamed();
    const uninterrupted = allFrames(await whole);
    await until(() => stage.upstream.requests.length === 1);
    const { rows } = await stage.db.query<{ id: string }>(
      `SELECT id FROM agent_runs WHERE org_id = $1 AND status = 'running'`,
      [toUuid(tenant.orgId)],
    );
    const { body } = await call<{ data: { id: string }[] }>(stage, tenant, 'GET', '/agent-runs');
    const id = body.data[0]!.id;
    expect(rows).toHaveLength(1);
    let joined: Frame[] = [];
    let rounds = 0;
    for (let cuts = 0; cuts < CUTS; cuts += 1) {
      const after = joined.at(-1);
      const isOver = after !== undefined && /run\.(finished|failed)/.test(after.event);
      if (isOver) {
        expect(joined).toEqual(await uninterrupted);
        joined = [];
        rounds += 1;
      }
      const url = cuts % 2 === 0 ? stage.url : second;
      const from = Number(joined.at(-1)?.id ?? 0);
      joined.push(
        ...(await cutAfter(1 + Math.floor(Math.random() * 8_000), (signal) => events(id, from, url, signal))),
      );
    }
    joined.push(...(await allFrames(await events(id, Number(joined.at(-1)?.id ?? 0), second))));
    expect(joined).toEqual(await uninterrupted);
    expect(rounds).toBeGreaterThan(0);
  }, 30_000);

  it('a listener who was cut may come back, through another process, too; the run goes on meanwhile', async () => {
    stage.upstream.script({ text: words(30), pieceDelayMs: 100 });
    const began = await cutAfter(600, (signal) => streamed(signal));
    const id = String(began[0]!.data['runId']);
    await delay(500);
    const rest = await allFrames(await events(id, Number(began.at(-1)!.id), second));
    const all = [...began, ...rest];
    expect(all.map((frame) => frame.id)).toEqual(all.map((_, index) => String(index + 1)));
    expect(all.at(-1)).toMatchObject({ event: 'run.finished', data: { text: words(30).join('') } });
    expect(await statusOf(id)).toBe('succeeded');
  });

  it('one that stays away ends the run: its upstream call is closed', async () => {
    stage.upstream.script({ text: ['A beginning', ' and an end'], hang: 'body' });
    const began = await cutAfter(300, (signal) => streamed(signal));
    const id = String(began[0]!.data['runId']);
    await delay(2_000);
    expect(await statusOf(id)).toBe('running');
    await until(async () => (await statusOf(id)) === 'cancelled');
    await until(async () => (await stage.upstream.connections()) === 0);
  });
});

describe('#34 #37 the events of a run that nobody waits for', () => {
  it('are told by another process while it goes on, and after its end', async () => {
    stage.upstream.script({ text: words(10), pieceDelayMs: 60 });
    const { body } = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
    const live = await allFrames(await events(body.id, 0, second));
    expect(live.map(({ event }) => event)).toEqual([
      ...['run.started', 'step.started'],
      ...words(10).map(() => 'text.delta'),
      ...['step.finished', 'run.finished'],
    ]);
    expect(await allFrames(await events(body.id, 0, stage.url))).toEqual(live);
    expect(await allFrames(await events(body.id, live.length, second))).toEqual([]);
  });

  it('of a run that is not theirs are the same 404 as none', async () => {
    const answer = await events(newId('run'), 0, stage.url);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'not_found']);
  });
});
