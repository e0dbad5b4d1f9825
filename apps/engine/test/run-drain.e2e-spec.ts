import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { startEngineProcess, type EngineProcess } from './support/engine-process.js';
import { frames, type Frame } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', timeoutMs: 600_000 };
const SSE = { accept: 'text/event-stream' };
const [ENDLESS, PASSING, FOLLOWED] = [150, 30, 20];
/** Of those that are followed, the process itself has so many; the other one has the others. */
const CLAIMED = 8;
/** Slots of which one workspace may have two fifths. */
const slotsFor = (runs: number): number => (runs * 5) / 2;
const LAST = /^run\.(finished|failed)$/;

let stage: Stage;
let tenant: Tenant;
let engine: EngineProcess;

beforeAll(async () => {
  stage = await startStage({ runSlots: slotsFor(FOLLOWED - CLAIMED) });
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-drain-0123456789abc', baseUrl });
  engine = await startEngineProcess(stage, { CLAVIGER_RUN_SLOTS: String(slotsFor(CLAIMED)) });
});
afterAll(async () => {
  await engine?.kill();
  await stage?.stop();
});

interface Heard {
  runId: string;
  frames: Frame[];
  /** Whether the connection broke: a reader of SSE asks again then, which it does not after an end. */
  isCut: boolean;
}

/** Listens until the stream is over. What has come so far is there meanwhile. Who is not let in asks again. */
function listen(ask: () => Promise<Response>, heard: Heard[]): Promise<void> {
  const mine: Heard = { runId: '', frames: [], isCut: false };
  heard.push(mine);
  const all = async (): Promise<void> => {
    let response = await ask();
    while (response.status === 503) response = await ask();
    for await (const frame of frames(response)) {
      mine.frames.push(frame);
      mine.runId = String(frame.data['runId']);
    }
  };
  return all().catch(() => void (mine.isCut = true));
}

const streamed = (engine: EngineProcess, prompt: string) => () =>
  send(stage, tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: newId('req'), agent: { ...AGENT, prompt } },
    headers: SSE,
    url: engine.url,
  });
const followed = (url: string, id: string, after: number) => () =>
  send(stage, tenant, 'GET', `/agent-runs/${id}/events`, {
    headers: { ...SSE, 'last-event-id': String(after) },
    url,
  });

describe('#34 #38 SIGTERM', () => {
  it(`with ${ENDLESS + PASSING + FOLLOWED} open streams: those that may end do, the others end by name; who follows another process’s run is cut and goes on elsewhere`, async () => {
    stage.upstream.respond(({ lastUserText }) => {
      if (lastUserText === 'endless') return { text: ['A beginning', ' of it'], hang: 'body' };
      return { text: ['One ', 'two ', 'three'], pieceDelayMs: 1_500 };
    });
    const heard: Heard[] = [];
    const listening: Promise<void>[] = [];
    const begun = (of: Heard[], count: number) =>
      until(() => of.filter(({ frames: { length } }) => length > 1).length >= count, 30_000);
    for (let at = 0; at < ENDLESS + PASSING; at += 10) {
      const prompt = at < ENDLESS ? 'endless' : 'passing';
      for (let nth = 0; nth < 10; nth += 1) listening.push(listen(streamed(engine, prompt), heard));
      await begun(heard, at + 10);
    }
    // Nobody waits for these; both processes have some of them.
    const theirs = await Promise.all(
      Array.from({ length: FOLLOWED }, () =>
        run(stage, tenant, { ...AGENT, prompt: 'endless' }, { headers: { prefer: 'respond-async' } }),
      ),
    );
    const followers: Heard[] = [];
    listening.push(...theirs.map(({ body }) => listen(followed(engine.url, body.id, 0), followers)));
    await begun(followers, FOLLOWED);

    const asked = performance.now();
    await engine.terminate();
    expect(performance.now() - asked).toBeLessThan(65_000);
    await Promise.all(listening);

    const silent = [...heard, ...followers].filter(
      ({ frames: all, isCut }) => !isCut && !LAST.test(all.at(-1)?.event ?? ''),
    );
    expect(silent.map(({ frames: all }) => all.at(-1)?.event)).toEqual([]);
    for (const { frames: all } of heard) {
      const last = all.at(-1)!;
      if (last.event === 'run.failed') expect(last.data['code']).toBe('outcome_unknown');
      else expect([last.event, last.data['text']]).toEqual(['run.finished', 'One two three']);
      expect(all.map(({ id }) => Number(id))).toEqual(all.map((_, index) => index + 1));
    }
    const failed = heard.filter(({ frames: all }) => all.at(-1)?.event === 'run.failed').length;
    expect(failed).toBeGreaterThanOrEqual(ENDLESS);

    // A run of the process ends by name for whoever follows it; the others go on, and so do their listeners, elsewhere.
    const cut = followers.filter(({ isCut }) => isCut);
    const ended = followers.filter(({ isCut }) => !isCut).map(({ frames: all }) => all.at(-1)!);
    expect(ended.map(({ event, data }) => [event, data['code']])).toEqual(
      Array.from({ length: CLAIMED }, () => ['run.failed', 'outcome_unknown']),
    );
    expect(cut).toHaveLength(FOLLOWED - CLAIMED);
    for (const { runId, frames: all } of cut) {
      const rest: Heard[] = [];
      const listening = listen(followed(stage.url, runId, all.length), rest);
      await send(stage, tenant, 'POST', `/agent-runs/${runId}/cancel`, {});
      await listening;
      const ids = [...all, ...rest[0]!.frames].map(({ id }) => Number(id));
      expect(ids).toEqual(ids.map((_, index) => index + 1));
      expect(rest[0]!.frames.at(-1)).toMatchObject({ event: 'run.failed', data: { code: 'run_cancelled' } });
    }
  }, 120_000);
});
