import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveRuns } from '../src/agent-runs/live-runs.js';
import { applicationOf } from './support/compatible.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

/** So few that they are soon taken. */
const PLACES = 12;
const MODEL = 'gpt-4.1-mini';
const HELD = { model: MODEL, prompt: 'Hold.' };

type Application = Awaited<ReturnType<typeof applicationOf>>;

let stage: Stage;
let greedy: Application;
let other: Application;
let leaving = new AbortController();

beforeAll(async () => {
  stage = await startStage({ runPlaces: PLACES });
  greedy = await applicationOf(stage);
  other = await applicationOf(stage);
  stage.upstream.respond(({ lastUserText }) =>
    lastUserText === 'Hold.' ? { text: ['A beginning', ' of it'], hang: 'body' } : { text: 'Done.' },
  );
});
afterAll(() => stage?.stop());
afterEach(async () => {
  leaving.abort();
  leaving = new AbortController();
  await until(() => stage.app.get(LiveRuns).size === 0);
});

const compatible = ({ token }: Application, content: string, signal?: AbortSignal) =>
  fetch(`${stage.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      stream: content === 'Hold.',
      messages: [{ role: 'user', content }],
    }),
    ...(signal && { signal }),
  });
const streamed = (workspaceId: string, signal: AbortSignal) =>
  send(stage, greedy.tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: crypto.randomUUID(), agent: HELD },
    headers: { accept: 'text/event-stream' },
    ...{ workspaceId, signal },
  });

/** Opens streams until one is refused. Answers how many there are, and the refusal. */
async function openAll(open: (signal: AbortSignal) => Promise<Response>): Promise<[number, Response]> {
  for (let many = 0; many <= PLACES; many += 1) {
    const answer = await open(leaving.signal);
    if (!answer.ok) return [many, answer];
  }
  throw new Error('nobody was refused');
}

/** Another tenant's calls, in every way in which there are any. */
async function othersAreServed(): Promise<void> {
  const agent = { model: MODEL, prompt: 'Hi.' };
  const sync = await run(stage, other.tenant, agent);
  expect([sync.status, sync.body.text]).toEqual([200, 'Done.']);
  const events = await send(stage, other.tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: crypto.randomUUID(), agent },
    headers: { accept: 'text/event-stream' },
  });
  expect([events.status, await events.text()]).toEqual([200, expect.stringContaining('run.finished')]);
  expect((await compatible(other, 'Hi.')).status).toBe(200);
}

describe('#37 a tenant that opens streams until it is refused', () => {
  it('is told whose share is full, keeps no other workspace of its own out, and delays no other tenant', async () => {
    const { orgId, workspaceId } = greedy.tenant;
    const [many, refused] = await openAll((signal) => streamed(workspaceId, signal));
    expect([many, refused.status, refused.headers.get('retry-after')]).toEqual([5, 429, '2']);
    expect(await refused.json()).toMatchObject({
      ...{ code: 'rate_limited', metric: 'concurrency', scope: 'workspace', scopeId: workspaceId, limit: 5 },
      detail: expect.stringMatching(
        /^Rate-limited: the workspace has 5 runs under way .*CLAVIGER_RUN_PLACES/,
      ),
    });
    const second = await stage.tenants.workspace(orgId);
    await stage.tenants.assign({ ...greedy.tenant, workspaceId: second }, greedy.keys.openai);
    const [more, full] = await openAll((signal) => streamed(second, signal));
    expect([more, full.status]).toEqual([1, 429]);
    expect(await full.json()).toMatchObject({ scope: 'organization', scopeId: orgId, limit: 6 });
    await othersAreServed();
    // What waits for its turn needs no place.
    const queued = await run(
      stage,
      greedy.tenant,
      { model: MODEL, prompt: 'Hi.' },
      {
        headers: { prefer: 'respond-async' },
      },
    );
    expect(queued.status).toBe(202);
  });

  it('is told so on the compatible endpoints as well, and its places are free again when its streams end', async () => {
    const [many, refused] = await openAll((signal) => compatible(greedy, 'Hold.', signal));
    expect([many, refused.status, refused.headers.get('retry-after')]).toEqual([5, 429, '2']);
    expect(await refused.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limited' } });
    await othersAreServed();
    const sent = stage.upstream.requests.length;
    expect((await run(stage, greedy.tenant, { model: MODEL, prompt: 'Hi.' })).status).toBe(429);
    expect(stage.upstream.requests).toHaveLength(sent);
    leaving.abort();
    await until(() => stage.app.get(LiveRuns).size === 0);
    expect((await run(stage, greedy.tenant, { model: MODEL, prompt: 'Hi.' })).status).toBe(200);
  });
});
