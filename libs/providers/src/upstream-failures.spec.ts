import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import type { ClavigerError } from '#lib/contracts';
import { startFakeUpstream, type FakeUpstream, type ScriptedAnswer } from '#lib/testing';
import type { ModelEndpoint } from './endpoint.js';
import { listLiveModels } from './live-models.js';
import { runAgentLoop } from './loop.js';
import type { AgentLoopOptions, LoopEvent } from './loop-types.js';
import { pingModel } from './ping.js';
import { retryAfterSeconds } from './upstream-errors.js';

const KEY = 'sk-canary-77ab/+cd=ef-41f0';
const ORG = 'org_01jd0000000000000000000000';
const wires = [
  { protocol: 'openai', provider: 'openai' },
  { protocol: 'openai', provider: 'mistral' },
  { protocol: 'anthropic', provider: 'anthropic' },
  { protocol: 'gemini', provider: 'google' },
] as const;

let fake: FakeUpstream;
let guard: EgressGuard;
beforeAll(async () => {
  fake = await startFakeUpstream();
  guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${fake.port}`]));
});
afterEach(() => fake.reset());
afterAll(async () => {
  await closeEgress(guard);
  await fake.stop();
});

function endpoint(wire: (typeof wires)[number], more: Partial<ModelEndpoint> = {}): ModelEndpoint {
  return {
    ...wire,
    baseUrl: fake.baseUrls[wire.protocol],
    secret: KEY,
    fetch: guardedFetch({ guard, orgId: ORG }),
    ...more,
  };
}

/** What a caller gets: the events until the end, and the error that ended them. */
async function attempt(
  options: AgentLoopOptions,
): Promise<{ events: LoopEvent[]; error: ClavigerError | null }> {
  const events: LoopEvent[] = [];
  try {
    for await (const event of runAgentLoop(options)) events.push(event);
    return { events, error: null };
  } catch (error) {
    return { events, error: error as ClavigerError };
  }
}
const ask = [{ role: 'user' as const, content: 'Good morning' }];
const textOf = (events: LoopEvent[]) =>
  events.map((event) => (event.type === 'text.delta' ? event.delta : '')).join('');

describe.each(wires)('failures on the $protocol wire, as $provider', (wire) => {
  const fails = async (script: ScriptedAnswer) => {
    fake.script(script);
    const result = await attempt({ endpoint: endpoint(wire), model: 'some-model', messages: ask });
    expect(result.error?.name).toBe('ClavigerError');
    return { ...result, error: result.error! };
  };

  it.each<[ScriptedAnswer, string, RegExp]>([
    [{ status: 401 }, 'upstream_auth_failed', /refused the key.*OWNER/],
    [{ status: 403 }, 'upstream_auth_failed', /refused the key/],
    [{ status: 404, message: 'no such model' }, 'upstream_error', /no such model.*model id/],
    [{ status: 400, message: 'bad temperature' }, 'upstream_error', /bad temperature/],
    [{ status: 500, message: 'boom' }, 'upstream_error', /boom.*Try again/],
    [{ status: 529, message: 'overloaded' }, 'upstream_error', /overloaded/],
    [{ status: 504 }, 'upstream_timeout', /in time/],
    [{ text: ['a', 'b'], errorEvent: 'tripped over' }, 'upstream_error', /tripped over/],
    [{ text: ['a', 'b', 'c'], cutAfter: 2 }, 'upstream_error', /broke/],
    [
      { text: ['a', 'b'], silentEnd: true },
      'upstream_error',
      /ended before it was finished|failed while answering/,
    ],
  ])('#34 %j is %s', async (script, code, detail) => {
    if (script.status === 400 && wire.protocol === 'gemini') return;
    const { error } = await fails(script);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(detail);
    expect(fake.requests).toHaveLength(1);
  });

  it('#40 429 is rate_limited, with the seconds of Retry-After, and is not retried', async () => {
    const { error } = await fails({ status: 429, headers: { 'retry-after': '17' } });
    expect(error).toMatchObject({
      code: 'rate_limited',
      extras: { retryAfterSeconds: 17, upstreamStatus: 429 },
    });
    expect(error.message).toMatch(/in 17 s/);
    expect(error.extras?.['upstreamRequestId']).toMatch(/^req_fake_/);
    expect(fake.requests).toHaveLength(1);
  });

  it.each(['raw', 'base64', 'percent', 'json'] as const)(
    'E: an error that echoes the key (%s) reaches nobody with it',
    async (echoKey) => {
      const { error } = await fails({ status: 400, message: 'Bad request.', echoKey });
      const everything = JSON.stringify([
        error.message,
        error.extras,
        error.errors,
        String(error.cause),
        error.stack,
      ]);
      expect(everything).toContain('[redacted]');
      for (const form of ['77ab', Buffer.from(KEY).toString('base64').slice(2, 20), '%37%37%61%62'])
        expect(everything).not.toContain(form);
    },
  );

  it.each(['raw', 'base64', 'percent'] as const)(
    'E: an answer that echoes the key (%s), cut into pieces, is scrubbed',
    async (echoKey) => {
      const form = {
        raw: KEY,
        base64: Buffer.from(KEY).toString('base64'),
        percent: encodeURIComponent(KEY),
      }[echoKey];
      fake.script({
        text: ['Your key is ', form.slice(0, 5), form.slice(5, 11), form.slice(11), ', keep it.'],
      });
      const { events } = await attempt({ endpoint: endpoint(wire), model: 'm', messages: ask });
      expect(textOf(events)).toBe('Your key is [redacted], keep it.');
      expect(events.at(-1)).toMatchObject({ type: 'finished', text: 'Your key is [redacted], keep it.' });
      expect(JSON.stringify(events)).not.toContain(form.slice(2, 14));
    },
  );

  it.each(['\n', ' \r\n', '\nx-injected: 1', '\u0000', '’'])(
    'E: a key that no header can hold (%j) is not told in the refusal',
    async (tail) => {
      const to = endpoint(wire, { secret: `${KEY}${tail}` });
      const { error } = await attempt({ endpoint: to, model: 'm', messages: ask });
      const listing = await listLiveModels(to).catch((failure: unknown) => failure);
      for (const failure of [error, listing]) {
        expect(JSON.stringify([String(failure), failure, (failure as Error | null)?.stack])).not.toContain(
          '77ab',
        );
      }
      const sent = fake.requests.map((request) => request.headers);
      expect(JSON.stringify(sent)).not.toContain('x-injected');
    },
  );

  it('#34 what was received before a failure is kept', async () => {
    const { events, error } = await fails({
      text: ['The first ', 'part ', 'and'],
      cutAfter: 2,
      pieceDelayMs: 20,
    });
    expect(textOf(events)).toBe('The first part ');
    expect(error.code).toBe('upstream_error');
  });

  it('#37 an abort ends the upstream connection; its reason comes back when it is one of ours', async () => {
    fake.script({ text: ['a'], hang: 'body' }, { text: ['a'], hang: 'body' });
    for (const reason of [undefined, Object.assign(new Error('stop'), { name: 'AbortError' })]) {
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(reason), 60);
      const { error } = await attempt({
        endpoint: endpoint(wire),
        model: 'm',
        messages: ask,
        signal: cancel.signal,
      });
      expect(error?.code).toBe('run_cancelled');
    }
  });

  it('ending the iteration early ends the upstream connection', async () => {
    const own = await startFakeUpstream();
    const ownGuard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${own.port}`]));
    own.script({ text: ['a', 'b'], hang: 'body' });
    const to = { baseUrl: own.baseUrls[wire.protocol], fetch: guardedFetch({ guard: ownGuard, orgId: ORG }) };
    for await (const event of runAgentLoop({ endpoint: endpoint(wire, to), model: 'm', messages: ask })) {
      if (event.type === 'text.delta') break;
    }
    for (let wait = 0; wait < 100 && (await own.connections()) > 0; wait += 1)
      await new Promise((done) => setTimeout(done, 10));
    expect(await own.connections()).toBe(0);
    await closeEgress(ownGuard);
    await own.stop();
  });

  it('a refused ping is upstream_auth_failed; a refused listing too; one that the server lacks is listing_unsupported', async () => {
    const bad = endpoint(wire, { secret: 'this-key-is-bad' });
    await expect(pingModel(bad, 'm')).rejects.toMatchObject({ code: 'upstream_auth_failed' });
    await expect(listLiveModels(bad)).rejects.toMatchObject({ code: 'upstream_auth_failed' });
    const lacking = endpoint(wire, { baseUrl: `${fake.url}/nothing/here` });
    await expect(
      listLiveModels({ ...lacking, fetch: () => Promise.resolve(new Response('', { status: 404 })) }),
    ).rejects.toMatchObject({
      code: 'listing_unsupported',
    });
  });
});

describe('hints in failures', () => {
  it('an Ollama model that is not there names `ollama pull`', async () => {
    fake.script({ status: 404, message: 'model "llama3.1:8b" not found' });
    const to: ModelEndpoint = {
      protocol: 'openai',
      provider: 'ollama',
      baseUrl: `${fake.baseUrls.ollama}/v1`,
      secret: null,
      fetch: guardedFetch({ guard, orgId: ORG }),
    };
    const { error } = await attempt({ endpoint: to, model: 'llama3.1:8b', messages: ask });
    expect(error?.message).toContain('ollama pull llama3.1:8b');
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('#19 a reasoning model that finds one token too few passes the ping', async () => {
    fake.script({
      status: 400,
      message: 'Could not finish the message because max_tokens or model output limit was reached.',
    });
    await expect(pingModel(endpoint(wires[0]), 'o4-mini')).resolves.toMatchObject({
      latencyMs: expect.any(Number),
    });
  });

  it('#19 a Gemini model that thinks its one token away, and answers without content, passes the ping', async () => {
    const usageMetadata = { promptTokenCount: 2, thoughtsTokenCount: 1, totalTokenCount: 3 };
    const chunk = {
      candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }],
      usageMetadata,
    };
    const headers = { 'content-type': 'text/event-stream' };
    const answer = () => Promise.resolve(new Response(`data: ${JSON.stringify(chunk)}\n\n`, { headers }));
    const to: ModelEndpoint = {
      protocol: 'gemini',
      provider: 'google',
      baseUrl: 'https://x.test',
      secret: KEY,
      fetch: answer,
    };
    await expect(pingModel(to, 'gemini-2.5-pro')).resolves.toMatchObject({ latencyMs: expect.any(Number) });
  });

  it('#40 Retry-After is read as seconds or as a date', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    expect(retryAfterSeconds('30', now)).toBe(30);
    expect(retryAfterSeconds('0.4', now)).toBe(1);
    expect(retryAfterSeconds('Sat, 21 Nov 2026 12:00:09 GMT', now)).toBe(9);
    expect(retryAfterSeconds('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect(retryAfterSeconds('soon', now)).toBeNull();
    expect(retryAfterSeconds(undefined, now)).toBeNull();
  });
});
