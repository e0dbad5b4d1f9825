import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { ScriptedAnswer } from '#lib/testing';
import { FIRST, MODEL, OPENAI, Routed, SECOND, told } from './support/routed.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

/** The port of RFC 863, where nothing listens. */
const NOBODY = 9;

let stage: Stage;
let tenant: Tenant;
let routed: Routed;
let keys: Routed['keys'];

beforeAll(async () => {
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${NOBODY}`] });
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  routed = await Routed.create(stage);
  ({ tenant, keys } = routed);
});

const agent = (more: object = {}) => routed.agent(more);
const keyOrder = () => routed.keysUsed();

describe('#39 a run with routes', () => {
  it.each<[string, ScriptedAnswer, string]>([
    ['500', { status: 500 }, 'server_error'],
    ['503', { status: 503 }, 'overloaded'],
    ['529', { status: 529 }, 'overloaded'],
    ['429', { status: 429, headers: { 'retry-after': '30' } }, 'rate_limited'],
    ['504', { status: 504 }, 'timeout'],
    ['a connection that is cut before the first token', { text: ['a'], cutAfter: 0 }, 'connection'],
    ['an answer that ends without a word', { text: [], silentEnd: true }, 'broken_answer'],
  ])('goes on with the next target after %s', async (_, script, reason) => {
    routed.answers = {
      [FIRST]: [script],
      [SECOND]: [{ text: 'from the second', usage: { input: 7, output: 3 } }],
    };
    const { status, body } = await run(stage, tenant, agent());
    expect([status, body.text]).toEqual([200, 'from the second']);
    expect(told(body.served?.attempts)).toEqual([
      ['failed', reason],
      ['ok', null],
    ]);
    expect(body.served).toMatchObject({ aiProviderId: keys.second, model: MODEL, keyVersion: 1 });
    expect(body.served?.attempts.map(({ aiProviderId }) => aiProviderId)).toEqual([keys.first, keys.second]);
    expect(keyOrder()).toEqual([FIRST, SECOND]);
    expect((await call(stage, tenant, 'GET', `/agent-runs/${body.id}`)).body).toEqual(body);
  });

  it.each([400, 401, 403, 404, 409, 422])(
    'does not go on after %i: another target is no answer to it',
    async (status) => {
      routed.answers = { [FIRST]: [{ status }] };
      const { body } = await run(stage, tenant, agent());
      expect(keyOrder()).toEqual([FIRST]);
      const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
      expect(kept.body.served?.attempts).toHaveLength(1);
    },
  );

  it('goes on from a target that hangs when its time is over, over another protocol, too', async () => {
    routed.answers = { [FIRST]: [{ hang: 'headers' }], [SECOND]: [{ text: ['x'], hang: 'headers' }] };
    const routes = [{ aiProviderId: keys.second, model: MODEL, timeoutMs: 200 }, { model: 'gpt-4.1-mini' }];
    const { status, body } = await run(stage, tenant, agent({ timeoutMs: 3_000, routes }));
    expect([status, body.served?.provider]).toEqual([200, 'openai']);
    expect(told(body.served?.attempts)).toEqual([
      ['failed', 'timeout'],
      ['failed', 'timeout'],
      ['ok', null],
    ]);
  });

  it('goes on where nobody listens, and tells of attempts of which no byte left', async () => {
    routed.answers = { [FIRST]: [{ text: 'somebody' }] };
    const baseUrl = `http://127.0.0.1:${NOBODY}/v1`;
    const dead = await stage.tenants.key(tenant, {
      provider: 'mistral',
      secret: 'sk-dead-0123456789',
      baseUrl,
    });
    const target = { aiProviderId: dead, model: 'mistral-large-latest' };
    const model = `@${dead}/mistral-large-latest`;
    const { body } = await run(
      stage,
      tenant,
      agent({ model, routes: [{ aiProviderId: keys.first, model: MODEL }] }),
    );
    expect([body.text, told(body.served?.attempts)]).toEqual([
      'somebody',
      [
        ['failed', 'connection'],
        ['ok', null],
      ],
    ]);
    const failed = await run(stage, tenant, agent({ model, routes: [target] }));
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${failed.body.runId}`);
    expect([failed.body.code, told(kept.body.served?.attempts)]).toEqual([
      'upstream_error',
      [
        ['failed', 'connection'],
        ['failed', 'connection'],
      ],
    ]);
    expect(kept.body.usage.totalTokens).toBe(0);
  });

  it('#34 fails by name after the first token, with the text that came, and asks nobody else', async () => {
    routed.answers = { [FIRST]: [{ text: ['One, ', 'two'], cutAfter: 1, pieceDelayMs: 20 }] };
    const response = await send(stage, tenant, 'POST', '/agent-runs', {
      headers: { accept: 'text/event-stream' },
      body: { nodeExecutionId: newId('req'), agent: agent() },
    });
    const frames = await allFrames(response);
    expect(frames.at(-1)).toMatchObject({ event: 'run.failed', data: { code: 'upstream_error' } });
    expect(frames.map(({ event }) => event)).not.toContain('run.retrying');
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${String(frames[0]?.data['runId'])}`);
    expect([kept.body.text, keyOrder()]).toEqual(['One, ', [FIRST]]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['a refusal', { status: 500, echoKey: 'raw' }, 'server_error'],
    ['an answer that ends without a token', { text: [], silentEnd: true }, 'broken_answer'],
  ])('says in the stream that it goes on after %s, and begins each step once', async (_, script, kind) => {
    routed.answers = { [FIRST]: [script], [SECOND]: [{ text: ['Hel', 'lo'] }] };
    const response = await send(stage, tenant, 'POST', '/agent-runs', {
      headers: { accept: 'text/event-stream' },
      body: { nodeExecutionId: newId('req'), agent: agent() },
    });
    const frames = await allFrames(response);
    const names = frames.map(({ event }) => event).filter((name) => name !== 'text.delta');
    expect([...names].sort()).toEqual(
      ['run.started', 'run.retrying', 'step.started', 'step.finished', 'run.finished'].sort(),
    );
    expect(frames.find(({ event }) => event === 'run.retrying')?.data).toMatchObject({
      inSeconds: 0,
      reason: `${kind}, going on with the next target`,
    });
    expect(JSON.stringify(frames)).not.toContain(FIRST);
  });

  it('#40 asks those that limited their rate again, the one that is free first, after the pause that it named', async () => {
    routed.answers = {
      [FIRST]: [{ status: 429, headers: { 'retry-after': '40' } }],
      [SECOND]: [{ status: 429, headers: { 'retry-after': '1' } }, { text: 'free again' }],
      [OPENAI]: [{ status: 429, headers: { 'retry-after': new Date(Date.now() + 45_000).toUTCString() } }],
    };
    const { status, body } = await run(stage, tenant, agent());
    expect([status, body.text]).toEqual([200, 'free again']);
    expect(keyOrder()).toEqual([FIRST, SECOND, OPENAI, SECOND]);
    expect(told(body.served?.attempts)).toHaveLength(4);
  }, 20_000);

  it('ends with the vendor’s own refusal when all ask for more time than there is', async () => {
    const limited = [{ status: 429, headers: { 'retry-after': '3600' } }];
    routed.answers = { [FIRST]: limited, [SECOND]: limited, [OPENAI]: limited };
    const { status, body, headers } = await run(stage, tenant, agent());
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'rate_limited', '3600']);
    expect(keyOrder()).toEqual([FIRST, SECOND, OPENAI]);
  });

  it('makes ten attempts and no more: too_many_attempts', async () => {
    const limited = [{ status: 429, headers: { 'retry-after': '0' } }];
    routed.answers = { [FIRST]: limited, [SECOND]: limited, [OPENAI]: limited };
    const { status, body } = await run(stage, tenant, agent());
    expect([status, body.code]).toEqual([429, 'too_many_attempts']);
    expect(stage.upstream.requests).toHaveLength(10);
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
    expect(kept.body.served?.attempts).toHaveLength(10);
  });

  it('without routes nothing else is tried, though the workspace has another key of the provider', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }] };
    const { body } = await run(stage, tenant, agent({ model: MODEL, routes: undefined }));
    expect([body.code, keyOrder()]).toEqual(['upstream_error', [FIRST]]);
  });
});

describe('#39 the circuit of a key and its host', () => {
  it('opens after five failures in a row, and the target is passed over; alone it is asked all the same', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }], [SECOND]: [{ text: 'ok' }] };
    for (let one = 0; one < 5; one += 1) expect((await run(stage, tenant, agent())).status).toBe(200);
    stage.upstream.requests.length = 0;
    const { body } = await run(stage, tenant, agent());
    expect(told(body.served?.attempts)).toEqual([
      ['skipped', 'circuit_open'],
      ['ok', null],
    ]);
    expect(keyOrder()).toEqual([SECOND]);
    routed.answers[FIRST] = [{ text: 'well again' }];
    expect((await run(stage, tenant, agent({ routes: undefined }))).body.text).toBe('well again');
    expect(told((await run(stage, tenant, agent())).body.served?.attempts)).toEqual([['ok', null]]);
  });

  it('when all are open the first is asked', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }], [SECOND]: [{ status: 500 }] };
    const routes = [{ aiProviderId: keys.second, model: MODEL }];
    for (let one = 0; one < 5; one += 1) await run(stage, tenant, agent({ routes }));
    stage.upstream.requests.length = 0;
    routed.answers[FIRST] = [{ text: 'back' }];
    const { body } = await run(stage, tenant, agent({ routes }));
    expect([body.text, keyOrder()]).toEqual(['back', [FIRST]]);
    expect(told(body.served?.attempts)).toEqual([
      ['skipped', 'circuit_open'],
      ['skipped', 'circuit_open'],
      ['ok', null],
    ]);
  });
});
