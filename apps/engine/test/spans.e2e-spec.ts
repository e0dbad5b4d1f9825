import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { TracingConfig } from '#lib/config';
import { MetricsPort } from '#lib/http';
import { toUuid } from '#lib/kernel';
import { Collector, type CollectedSpan } from './support/collector.js';
import { applicationOf, SECRETS } from './support/compatible.js';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

const PROMPT = 'the prompt of the spans, which nobody collects';
const ANSWER = 'the answer of the spans, which nobody collects';
const COLLECTOR_KEY = 'collector-key-0123456789';
const MODEL = 'gpt-4.1-mini';
const [INTERNAL, CLIENT, ERROR] = [1, 3, 2];

const collector = new Collector();
let tracing: TracingConfig;
let stage: Stage;
let application: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  tracing = tracingTo(await collector.start());
  stage = await startStage({ tracing, metricsPort: 0 });
  application = await applicationOf(stage);
});
afterAll(async () => {
  await stage?.stop();
  await collector.stop();
});
beforeEach(() => stage.upstream.reset());

function tracingTo(url: string, protocol: TracingConfig['protocol'] = 'http/json'): TracingConfig {
  return {
    ...{ url, protocol, timeoutMs: 2_000, resource: { 'service.name': 'claviger-engine' } },
    headers: () => ({ 'x-collector-key': COLLECTOR_KEY }),
    sampler: { parentBased: true, root: 'always_on', ratio: 1 },
  };
}

/** A caller's place in a trace of its own. */
function caller(sampled = true) {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}` } };
}

function relayed(headers: Record<string, string>, url = stage.url): Promise<Response> {
  const messages = [{ role: 'user', content: PROMPT }];
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${application.token}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ model: MODEL, messages, stream: true }),
  });
}

const named = (spans: CollectedSpan[], name: string) => spans.filter((span) => span.name === name);

describe('the spans of the engine', () => {
  it('are the run below its caller’s span and the call of its model below the run, in the words of OpenTelemetry', async () => {
    const { traceId, spanId, headers } = caller();
    stage.upstream.script({ text: ANSWER });
    const body = { nodeExecutionId: 'spans-1', agent: { model: MODEL, prompt: PROMPT } };
    const accept = { accept: 'text/event-stream', ...headers };
    const answer = await send(stage, application.tenant, 'POST', '/agent-runs', { body, headers: accept });
    const frames = await allFrames(answer);
    expect(frames.at(-1)?.event).toBe('run.finished');

    const spans = await collector.whole(traceId, 2);
    const [agent] = named(spans, 'invoke_agent');
    const [chat] = named(spans, `chat ${MODEL}`);
    expect(agent).toMatchObject({ parentSpanId: spanId, kind: INTERNAL, status: 0 });
    expect(chat).toMatchObject({ parentSpanId: agent?.spanId, kind: CLIENT, status: 0 });
    expect(chat?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': MODEL,
      'gen_ai.response.model': expect.any(String),
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'claviger.run.id': expect.stringMatching(/^run_/),
    });
    expect(agent?.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.usage.output_tokens': chat?.attributes['gen_ai.usage.output_tokens'],
      'claviger.run.id': chat?.attributes['claviger.run.id'],
    });
    // Vendors do not learn of the caller's trace.
    expect(stage.upstream.requests.map((request) => request.headers['traceparent'])).toEqual([undefined]);
  });

  it('are one call for a relayed stream, below its caller’s, with what it used', async () => {
    const { traceId, spanId, headers } = caller();
    stage.upstream.script({ text: ANSWER });
    expect(await (await relayed(headers)).text()).toContain('[DONE]');
    const spans = await collector.whole(traceId, 1);
    expect(spans).toEqual([
      expect.objectContaining({ name: `chat ${MODEL}`, parentSpanId: spanId, kind: CLIENT, status: 0 }),
    ]);
    expect(Number(spans[0]?.attributes['gen_ai.usage.output_tokens'])).toBeGreaterThan(0);
    expect(spans[0]?.attributes['gen_ai.response.model']).toBe(MODEL);
  });

  it('name what went wrong, of a run and of a relayed call', async () => {
    for (const scripted of [{ status: 401 }, { status: 500 }]) {
      const [one, other] = [caller(), caller()];
      stage.upstream.script(scripted, scripted);
      await run(stage, application.tenant, { model: MODEL, prompt: PROMPT }, { headers: one.headers });
      await (await relayed(other.headers)).text();
      const code = scripted.status === 401 ? 'upstream_auth_failed' : 'upstream_error';
      const spans = [
        ...(await collector.whole(one.traceId, 2)),
        ...(await collector.whole(other.traceId, 1)),
      ];
      expect(spans.map(({ status, attributes }) => [status, attributes['error.type']])).toEqual(
        Array(3).fill([ERROR, code]),
      );
    }
  });

  it('are one for each call of a tool, beside those of the model', async () => {
    const { traceId, headers } = caller();
    stage.upstream.script({ toolCalls: [{ name: 'weather', input: { city: 'Oslo' } }] }, { text: ANSWER });
    const tool = {
      ...{ type: 'http', name: 'weather', description: 'The weather.', method: 'GET' },
      url: `${stage.tools.url}/at/{city}`,
      inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
    };
    await run(stage, application.tenant, { model: MODEL, prompt: PROMPT, tools: [tool] }, { headers });
    const spans = await collector.whole(traceId, 4);
    const [agent] = named(spans, 'invoke_agent');
    expect(named(spans, `chat ${MODEL}`)).toHaveLength(2);
    expect(named(spans, 'execute_tool weather')).toEqual([
      expect.objectContaining({
        parentSpanId: agent?.spanId,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'weather',
          'gen_ai.tool.call.id': expect.any(String),
          'gen_ai.tool.type': 'extension',
          'claviger.run.id': agent?.attributes['claviger.run.id'],
        },
      }),
    ]);
    expect(
      spans.every(({ spanId, parentSpanId }) => spanId === agent?.spanId || parentSpanId === agent?.spanId),
    ).toBe(true);
  });

  it('of a caller without a trace are one of the id that its answer names; of one that does not record, none', async () => {
    stage.upstream.script({ text: ANSWER }, { text: ANSWER });
    const silent = caller(false);
    await run(stage, application.tenant, { model: MODEL, prompt: PROMPT }, { headers: silent.headers });
    const { headers } = await run(stage, application.tenant, { model: MODEL, prompt: PROMPT });
    const traceId = headers.get('traceparent')?.split('-')[1] ?? '';
    const spans = await collector.whole(traceId, 2);
    expect(named(spans, 'invoke_agent')[0]?.parentSpanId).toBeUndefined();
    expect(collector.spans(silent.traceId)).toEqual([]);
  });

  it('go as protobuf where the operator asks for it, with the operator’s headers', async () => {
    const other = new Collector();
    const { app, url } = await stage.second({ tracing: tracingTo(await other.start(), 'http/protobuf') });
    stage.upstream.script({ text: ANSWER });
    await (await relayed(caller().headers, url)).text();
    await until(() => other.posts.length > 0);
    expect(other.posts[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', 'x-collector-key': COLLECTOR_KEY },
    });
    expect(other.text).toContain(`chat ${MODEL}`);
    await app.close();
    await other.stop();
  });

  it('hold no key, nothing that was said, and nobody’s id; what is planted is found', async () => {
    const secrets = [PROMPT, ANSWER, application.token, application.tenant.token, ...Object.values(SECRETS)];
    const { orgId, workspaceId, tokenId, owner } = application.tenant;
    const ids = [orgId, workspaceId, tokenId, owner.userId, ...Object.values(application.keys)];
    const found = (text: string) =>
      [...secrets, ...ids, ...ids.map(toUuid)].filter((needle) => text.includes(needle));
    expect(collector.posts.length).toBeGreaterThan(0);
    expect(found(collector.text)).toEqual([]);
    const planted = new Collector();
    await fetch(await planted.start(), { method: 'POST', body: `${secrets.join()},${ids.join()}` });
    expect(found(planted.text)).toEqual([...secrets, ...ids]);
    await planted.stop();
  });

  it('cost no call anything when the collector hangs or is away: they are lost, and counted', async () => {
    const hanging = new Collector();
    hanging.hangs = true;
    const url = await hanging.start();
    const away = 'http://127.0.0.1:1/v1/traces';
    for (const dead of [url, away]) {
      const { app, url: engine } = await stage.second({ tracing: tracingTo(dead), metricsPort: 0 });
      const lost = async () => {
        const answer = await fetch(`http://127.0.0.1:${app.get(MetricsPort).port}/metrics`);
        return /claviger_spans_total\{outcome="lost",plane="engine"\} (\d+)/.exec(await answer.text())?.[1];
      };
      for (let count = 0; count < 3; count += 1) {
        stage.upstream.script({ text: ANSWER });
        expect((await relayed(caller().headers, engine)).status).toBe(200);
      }
      await until(async () => Number(await lost()) > 0);
      await app.close();
    }
    expect(hanging.connections).toBeGreaterThan(0);
    await hanging.stop();
  });

  it('are none, and nothing is connected to, while they are off', async () => {
    const { connections, posts } = collector;
    const { app, url } = await stage.second({ tracing: null });
    const { traceId, headers } = caller();
    stage.upstream.script({ text: ANSWER });
    expect((await relayed(headers, url)).status).toBe(200);
    await app.close();
    expect(collector.connections).toBe(connections);
    expect(collector.posts).toBe(posts);
    expect(collector.spans(traceId)).toEqual([]);
  });
});
