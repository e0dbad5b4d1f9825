import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { Claviger, ClavigerError, type ClavigerOptions, type RunEvent } from '#lib/sdk';
import { cuttingFetch } from '../support/cutting-fetch.js';
import { startStage, type Stage } from '../support/stage.js';
import type { Tenant } from '../support/tenants.js';
import { until } from '../support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const words = (count: number) => Array.from({ length: count }, (_, n) => `word ${n} – ${'é'.repeat(n % 7)} `);

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-sdk-0123456789abcd',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

const clientOf = (options: Partial<ClavigerOptions> = {}) =>
  new Claviger({ url: stage.url, token: tenant.token, workspaceId: tenant.workspaceId, ...options });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const came: T[] = [];
  for await (const item of items) came.push(item);
  return came;
}

/** What the run came to, as the database has it. */
async function runs(): Promise<{ status: string }[]> {
  const { rows } = await stage.db.query<{ status: string }>(
    'SELECT status FROM agent_runs WHERE org_id = $1 ORDER BY id',
    [toUuid(tenant.orgId)],
  );
  return rows;
}

const refusal = async (promise: Promise<unknown>): Promise<ClavigerError> => {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ClavigerError)) throw new Error(`not refused: ${String(thrown)}`);
  return thrown;
};

describe('#57 the SDK: a stream', () => {
  it('cut at random bytes, again and again, equals the whole', async () => {
    stage.upstream.script({ text: words(40), pieceDelayMs: 15 });
    // Much shorter than the whole, so that it is always cut several times.
    const cutting = cuttingFetch((n) => (n < 8 ? 1 + Math.floor(Math.random() * 800) : null));
    const cut = await all(clientOf({ fetch: cutting.fetch, maxRetries: 30 }).runs.stream({ agent: AGENT }));
    const whole = await all(clientOf().runs.events(cut[0]!.runId));
    expect(cut).toEqual(whole);
    expect(cut.map(({ id }) => id)).toEqual(cut.map((_, index) => index + 1));
    expect(cut.at(-1)).toMatchObject({ type: 'run.finished', data: { text: words(40).join('') } });
    expect(cutting.sent.length).toBeGreaterThan(2);
    expect(stage.upstream.requests).toHaveLength(1);
    expect(await runs()).toEqual([{ status: 'succeeded' }]);
  });

  it('tells a failed run as its last event, and throws what refuses one', async () => {
    stage.upstream.script({ status: 500, message: 'down' });
    const events = await all(clientOf().runs.stream({ agent: AGENT }));
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', data: { code: 'upstream_error' } });
    const refused = await refusal(
      all(clientOf().runs.stream({ agent: { ...AGENT, model: 'claude-sonnet-4-6' } })),
    );
    expect(refused).toMatchObject({ code: 'no_provider_key', status: 422, runId: null });
  });

  it('left by its reader, the engine stops the run by itself', async () => {
    stage.upstream.script({ text: ['A beginning', ' and an end'], hang: 'body' });
    const abort = new AbortController();
    const reading = all(clientOf().runs.stream({ agent: AGENT }, { signal: abort.signal }));
    await until(() => stage.upstream.requests.length === 1, 30_000);
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(await runs()).toEqual([{ status: 'running' }]);
    await until(async () => (await runs())[0]?.status === 'cancelled', 30_000);
    await until(async () => (await stage.upstream.connections()) === 0, 30_000);
  });
});

describe('#57 the SDK: a run', () => {
  it('whose answer was lost is one execution: the node’s id is made once and kept', async () => {
    const cutting = cuttingFetch((n) => (n < 2 ? -1 : null));
    const run = await clientOf({ fetch: cutting.fetch }).runs.create({ agent: AGENT });
    expect(run).toMatchObject({ status: 'succeeded', served: { provider: 'openai' } });
    const ids = cutting.sent.map(
      ({ body }) => (JSON.parse(body) as { nodeExecutionId: string }).nodeExecutionId,
    );
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
    expect(await clientOf().runs.create({ nodeExecutionId: ids[0], agent: AGENT })).toEqual(run);
    expect(await clientOf().runs.get(run.id)).toEqual(run);
    expect([stage.upstream.requests.length, await runs()]).toEqual([1, [{ status: 'succeeded' }]]);
  });

  it('is tried again after a 503, and after a 429 when it says, as the same execution', async () => {
    const refusals = [
      [503, 'overloaded'],
      [429, 'rate_limited'],
    ] as const;
    const bodies: unknown[] = [];
    const busy: typeof fetch = async (input, init) => {
      bodies.push(init?.body);
      const refusal = refusals[bodies.length - 1];
      if (!refusal) return fetch(input, init);
      const [status, code] = refusal;
      const headers = { 'content-type': 'application/problem+json', 'retry-after': '0' };
      return new Response(JSON.stringify({ code, status, title: 'Busy', requestId: 'req_1' }), {
        status,
        headers,
      });
    };
    expect(await clientOf({ fetch: busy }).runs.create({ agent: AGENT })).toMatchObject({
      status: 'succeeded',
    });
    expect([bodies.length, new Set(bodies).size, (await runs()).length]).toEqual([3, 1, 1]);
  });

  it('fails as the engine says, with the run that failed, and is not tried again', async () => {
    stage.upstream.script({ status: 401, message: 'no' });
    const cutting = cuttingFetch(() => null);
    const failed = await refusal(
      clientOf({ fetch: cutting.fetch }).runs.create({ nodeExecutionId: 'n', agent: AGENT }),
    );
    expect(failed).toMatchObject({
      code: 'upstream_auth_failed',
      status: 502,
      runId: expect.stringMatching(/^run_/),
    });
    expect(failed.requestId).toMatch(/./);
    expect(cutting.sent).toHaveLength(1);
    const invalid = await refusal(clientOf().runs.create({ nodeExecutionId: 'n2', agent: { prompt: '' } }));
    expect([invalid.code, invalid.errors[0]?.pointer]).toEqual(['validation_failed', '/agent/prompt']);
    expect((await refusal(clientOf({ token: 'clv_eng_no' }).runs.get(failed.runId!))).code).toBe(
      'unauthenticated',
    );
    expect((await clientOf().runs.get(failed.runId!)).error?.code).toBe('upstream_auth_failed');
  });

  it('begun without waiting is waited for, and cancelled', async () => {
    stage.upstream.script({ text: words(5), pieceDelayMs: 40 }, { text: ['A', 'B'], hang: 'body' });
    const begun = await clientOf().runs.start({ agent: AGENT });
    expect(['queued', 'running']).toContain(begun.status);
    expect(await clientOf().runs.wait(begun.id)).toMatchObject({
      status: 'succeeded',
      text: words(5).join(''),
    });
    const hung = await clientOf().runs.start({ agent: AGENT });
    await until(() => stage.upstream.requests.length === 2, 30_000);
    expect((await clientOf().runs.cancel(hung.id)).status).toBe('cancelled');
    expect(await refusal(clientOf().runs.wait(hung.id))).toMatchObject({
      code: 'run_cancelled',
      runId: hung.id,
    });
  });

  it('is listed, page after page, each once', async () => {
    for (let n = 0; n < 5; n += 1)
      await clientOf().runs.create({ nodeExecutionId: `list-${n}`, agent: AGENT });
    const ids = (await all(clientOf().runs.list({ limit: 2, status: 'succeeded' }))).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
    expect(await all(clientOf().runs.list({ nodeExecutionId: 'list-3' }))).toMatchObject([{ id: ids[1] }]);
    expect(await all(clientOf().runs.list({ status: 'failed' }))).toEqual([]);
  });

  it('with a tool of the caller’s waits for it, and goes on with its output', async () => {
    const tool = {
      type: 'client' as const,
      name: 'ask',
      description: 'Asks.',
      inputSchema: { type: 'object' },
    };
    const agent = { ...AGENT, tools: [tool] };
    const ask = { toolCalls: [{ name: 'ask', input: { q: 1 } }] };
    stage.upstream.script(ask, { text: 'Yes.' }, ask, { text: 'Again.' });
    const waits = await clientOf().runs.create({ agent });
    expect(waits).toMatchObject({
      status: 'requires_action',
      requiredAction: { toolCalls: [{ name: 'ask', input: { q: 1 } }] },
    });
    const outputs = [{ toolCallId: waits.requiredAction!.toolCalls[0]!.toolCallId, output: 'yes' }];
    expect(await clientOf().runs.submitToolOutputs(waits.id, outputs)).toMatchObject({
      status: 'succeeded',
      text: 'Yes.',
    });

    const told = await all(clientOf().runs.stream({ agent }));
    const last = told.at(-1)!;
    if (last.type !== 'run.requires_action') throw new Error(last.type);
    const brought = [{ toolCallId: last.data.requiredAction!.toolCalls[0]!.toolCallId, output: 1 }];
    const cutting = cuttingFetch((n) => (n < 2 ? 100 : null));
    const rest = await all(
      clientOf({ fetch: cutting.fetch }).runs.streamToolOutputs(last.runId, brought, { after: last.id }),
    );
    expect(rest.map(({ type }) => type)).toEqual([
      ...['tool.result', 'step.started', 'text.delta', 'step.finished', 'run.finished'],
    ]);
    expect(await all(clientOf().runs.events(last.runId))).toEqual([...told, ...rest]);
    expect(await all(clientOf().runs.events(last.runId, { after: rest.at(-1)!.id }))).toEqual([]);
  });
});

describe('#57 the SDK: what else a workspace has', () => {
  it('models and comparisons', async () => {
    const models = await clientOf().models();
    expect(models.data.map(({ id }) => id)).toContain('gpt-4.1-mini');
    expect(models.unavailable.map(({ code }) => code)).toContain('no_provider_key');
    const compared = await clientOf().compare({
      models: ['gpt-4.1-mini', 'gpt-4.1'],
      agent: { prompt: 'Hi.' },
    });
    expect(compared.results.map(({ run, error }) => [run?.status, error])).toEqual([
      ...[
        ['succeeded', null],
        ['succeeded', null],
      ],
    ]);
  });
});

/** The type of every event that this client knows: a name more or less does not compile. */
function seen(event: RunEvent): string {
  switch (event.type) {
    case 'run.started':
      return event.data.model;
    case 'step.started':
    case 'step.finished':
      return String(event.data.step);
    case 'text.delta':
      return event.data.delta;
    case 'tool.call':
    case 'tool.result':
      return event.data.toolCallId;
    case 'run.retrying':
      return event.data.reason;
    case 'run.requires_action':
    case 'run.finished':
      return event.data.text;
    case 'run.failed':
      return event.data.code;
  }
}

describe('#57 the SDK: the events of a run with every kind of step', () => {
  it('all say what their types promise', async () => {
    const tool = {
      ...{ type: 'http' as const, name: 'weather', description: 'Weather.', method: 'GET' as const },
      ...{ inputSchema: { type: 'object' }, url: `${stage.tools.url}/weather` },
    };
    stage.upstream.script(
      { status: 429, message: 'slow', headers: { 'retry-after': '1' } },
      { toolCalls: [{ name: 'weather', input: {} }] },
      { text: 'Sun.' },
    );
    const events = await all(clientOf().runs.stream({ agent: { ...AGENT, tools: [tool] } }));
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        ...['run.started', 'run.retrying', 'step.started', 'tool.call', 'tool.result', 'step.finished'],
        ...['text.delta', 'run.finished'],
      ]),
    );
    for (const event of events)
      expect([event.type, seen(event)]).toEqual([event.type, expect.stringMatching(/./)]);
  });
});
