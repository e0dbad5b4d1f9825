import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import type { AgentRunAnswer } from '#lib/contracts';
import type { ScriptedAnswer } from '#lib/testing';
import { Quotas } from './support/quotas.js';
import { call, send, startStage, type Answer, type RunBody, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

interface Comparison {
  results: { model: string; run: AgentRunAnswer | null; error: { code: string; requestId: string } | null }[];
  usage: AgentRunAnswer['usage'];
  code?: string;
  errors?: { pointer: string }[];
}

const OPENAI = 'sk-compare-0123456789abcdef';
const ANTHROPIC = 'sk-ant-api03-compare-0000000000';
const MODELS = ['gpt-4.1-mini', 'claude-sonnet-4-6', 'gpt-4.1'];

let stage: Stage;
let tenant: Tenant;
let openai: string;
let answers: Record<string, ScriptedAnswer>;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const { upstream, tenants } = stage;
  openai = await tenants.key(tenant, {
    provider: 'openai',
    secret: OPENAI,
    baseUrl: upstream.baseUrls.openai,
  });
  await tenants.key(tenant, {
    provider: 'anthropic',
    secret: ANTHROPIC,
    baseUrl: upstream.baseUrls.anthropic,
  });
  answers = {};
  upstream.respond(({ model }) => answers[model]);
});

const compare = (body: object): Promise<Answer<Comparison>> =>
  call<Comparison>(stage, tenant, 'POST', '/compare', {
    body: { models: MODELS, agent: { prompt: 'hello' }, ...body },
  });

describe('#36 a comparison of models', () => {
  it('gives each model’s answer in the order asked, each a run of its own, and one bill', async () => {
    answers = {
      'gpt-4.1-mini': { text: 'mini', usage: { input: 5, output: 1 }, delayMs: 300 },
      'claude-sonnet-4-6': { text: 'sonnet', usage: { input: 6, output: 2 } },
      'gpt-4.1': { text: 'big', usage: { input: 7, output: 3 } },
    };
    const { status, body } = await compare({});
    expect(status).toBe(200);
    expect(body.results.map(({ model, run }) => [model, run?.served?.model, run?.text])).toEqual([
      ['gpt-4.1-mini', 'gpt-4.1-mini', 'mini'],
      ['claude-sonnet-4-6', 'claude-sonnet-4-6', 'sonnet'],
      ['gpt-4.1', 'gpt-4.1', 'big'],
    ]);
    expect(body.results.every(({ error }) => error === null)).toBe(true);
    expect(body.usage).toMatchObject({ inputTokens: 18, outputTokens: 6, totalTokens: 24 });
    const costs = body.results.map(({ run }) => run?.usage.costMicroUsd ?? 0);
    expect(body.usage.costMicroUsd).toBe(costs.reduce((sum, cost) => sum + cost, 0));
    const listed = await call<{ data: RunBody[] }>(stage, tenant, 'GET', '/agent-runs');
    expect(listed.body.data.map(({ id }) => id).sort()).toEqual(
      body.results.map(({ run }) => run!.id).sort(),
    );
  });

  it('runs them at once, not one after the other', async () => {
    let most = 0;
    answers = Object.fromEntries(MODELS.map((model) => [model, { text: 'ok', delayMs: 1_000 }]));
    const running = compare({});
    const counting = setInterval(() => {
      most = Math.max(most, stage.upstream.requests.length - stage.upstream.journal.length);
    }, 10);
    expect((await running).status).toBe(200);
    clearInterval(counting);
    expect(most).toBe(3);
  });

  it('a refusal and a failure are that model’s alone, and named', async () => {
    answers = { 'gpt-4.1': { status: 500, message: 'on fire' }, 'claude-sonnet-4-6': { text: 'well' } };
    await stage.db.query('UPDATE provider_keys SET models = $2 WHERE id = $1', [
      toUuid(openai),
      ['gpt-4.1', 'gpt-4o'],
    ]);
    const models = [
      'gpt-4.1-mini',
      'gpt-4.1',
      'no-such-model',
      '@google/gemini-2.5-flash',
      'claude-sonnet-4-6',
    ];
    const { status, body } = await compare({ models });
    expect(status).toBe(200);
    expect(body.results.map(({ run, error }) => [run?.status ?? null, error?.code ?? null])).toEqual([
      [null, 'model_not_available'],
      ['failed', 'upstream_error'],
      [null, 'model_not_available'],
      [null, 'no_provider_key'],
      ['succeeded', null],
    ]);
    expect(body.results[0]?.error?.requestId).toMatch(/^req_/);
    expect(body.usage.costMicroUsd).toBe(body.results[4]?.run?.usage.costMicroUsd);
  });

  it('F: each run counts against plan and quotas by itself', async () => {
    const quotas = new Quotas(stage.db);
    const id = await quotas.add(tenant.orgId, { metric: 'runs', max: 2 });
    const { body } = await compare({});
    expect(body.results.map(({ error }) => error?.code ?? null)).toEqual([null, null, 'quota_exceeded']);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 2 });
  });

  it('#38 equal posts of one node execution run once; another body is idempotency_mismatch', async () => {
    const nodeExecutionId = newId('req');
    const [one, two] = await Promise.all([compare({ nodeExecutionId }), compare({ nodeExecutionId })]);
    const ids = ({ body }: Answer<Comparison>) => body.results.map(({ run }) => run?.id);
    expect(ids(two)).toEqual(ids(one));
    expect(stage.upstream.requests).toHaveLength(3);
    for (const models of [MODELS.slice(0, 2), [...MODELS, 'gpt-4o'], [...MODELS].reverse()])
      expect((await compare({ nodeExecutionId, models })).body.code).toBe('idempotency_mismatch');
    expect(stage.upstream.requests).toHaveLength(3);
    expect(ids(await compare({}))).not.toEqual(ids(one));
  });

  it('a key that the workspace does not have is a 404, and no model is asked', async () => {
    const other = await stage.tenants.create();
    const foreign = await stage.tenants.key(other, { provider: 'openai', secret: OPENAI });
    for (const id of [foreign, newId('aip')]) {
      const { status, body } = await compare({ models: [`@${id}/gpt-4.1`, 'gpt-4.1'] });
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
    expect((await compare({ models: [`@${openai}/gpt-4.1`, 'gpt-4o'] })).status).toBe(200);
    expect(stage.upstream.requests).toHaveLength(2);
  });

  it('names what is wrong with its form', async () => {
    const wrong: [object, string][] = [
      [{ models: ['gpt-4.1'] }, '/models'],
      [{ models: Array.from({ length: 9 }, (_, at) => `m${at}`) }, '/models'],
      [{ models: ['gpt-4.1', 'gpt-4.1'] }, '/models'],
      [{ agent: { prompt: 'hello', model: 'gpt-4.1' } }, '/agent/model'],
      [{ agent: { prompt: 'hello', routes: [{ model: 'x' }] } }, '/agent/routes'],
      [{ agent: {} }, '/agent/prompt'],
    ];
    for (const [body, pointer] of wrong) {
      const { status, body: problem } = await compare(body);
      expect([status, problem.errors?.map((fault) => fault.pointer)]).toEqual([422, [pointer]]);
    }
    expect(stage.upstream.requests).toEqual([]);
  });

  it('#37 a caller who leaves stops all of them', async () => {
    answers = Object.fromEntries(MODELS.map((model) => [model, { text: ['a'], hang: 'body' as const }]));
    const leaving = new AbortController();
    const body = { models: MODELS, agent: { prompt: 'hello' } };
    const sending = send(stage, tenant, 'POST', '/compare', { body, signal: leaving.signal });
    const left = expect(sending).rejects.toThrow();
    for (let wait = 0; wait < 500 && stage.upstream.requests.length < 3; wait += 1) await pause();
    leaving.abort();
    await left;
    const statuses = async () =>
      (await call<{ data: RunBody[] }>(stage, tenant, 'GET', '/agent-runs')).body.data.map(
        ({ status }) => status,
      );
    for (let wait = 0; wait < 200 && (await statuses()).includes('running'); wait += 1) await pause();
    expect(await statuses()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
