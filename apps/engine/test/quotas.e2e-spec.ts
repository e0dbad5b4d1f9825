import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import { RunSweeper } from '../src/agent-runs/run-sweeper.js';
import { Quotas } from './support/quotas.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const MODEL = 'claude-sonnet-4-6';
const AGENT = { model: MODEL, prompt: 'hello', maxOutputTokens: 50 };

let stage: Stage;
let quotas: Quotas;
let tenant: Tenant;
let keyId: string;
beforeAll(async () => {
  stage = await startStage();
  quotas = new Quotas(stage.db);
}, 120_000);
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  keyId = await addKey();
});

const addKey = () =>
  stage.tenants.key(tenant, {
    provider: 'anthropic',
    secret: 'sk-ant-api03-quotas-000000000000',
    baseUrl: stage.upstream.baseUrls.anthropic,
  });
const sent = () => stage.upstream.requests.length;

describe('#45 quotas', () => {
  it('refuse at the limit by name, before anything is sent, until the window ends', async () => {
    const id = await quotas.add(tenant.orgId, { name: 'Two a day', metric: 'runs', max: 2, window: 'day' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    const node = newId('req');
    const refused = await run(stage, tenant, AGENT, { node });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      ...{ code: 'quota_exceeded', quotaId: id, scope: 'organization', scopeId: tenant.orgId },
      ...{ metric: 'runs', window: 'day' },
    });
    expect(refused.body.detail).toMatch(/^A quota of runs of the organization has no room.*OWNER or ADMIN/);
    // Who only makes calls is not told what all the others use.
    const told = [
      JSON.stringify(refused.body).includes('Two a day'),
      'used' in refused.body,
      'max' in refused.body,
    ];
    expect(told).toEqual([false, false, false]);
    const left = Number(refused.headers.get('retry-after'));
    const midnight = Math.ceil((Date.UTC(...today(), 24) - Date.now()) / 1_000);
    expect(Math.abs(left - midnight)).toBeLessThan(30);
    expect(sent()).toBe(2);
    // The node execution is free: once there is room it may come again.
    await stage.db.query('UPDATE quotas SET max = 3 WHERE id = $1', [toUuid(id)]);
    expect((await run(stage, tenant, AGENT, { node })).status).toBe(200);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 3 });
  });

  it('begin anew with the next window, and a process that starts anew finds the count', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'runs', max: 1, window: 'hour' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    const second = await stage.second();
    expect((await run(stage, tenant, AGENT, { url: second.url })).body.code).toBe('quota_exceeded');
    await second.app.close();
    await stage.db.query(
      `UPDATE quota_counters SET window_start = window_start - interval '1 hour' WHERE quota_id = $1`,
      [toUuid(id)],
    );
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
  });

  it('cover a workspace, a token or a key and nothing beside it', async () => {
    const other = await addKey();
    await quotas.add(tenant.orgId, { metric: 'runs', max: 0, aiProviderId: other });
    await quotas.add(tenant.orgId, {
      metric: 'runs',
      max: 0,
      workspaceId: await stage.tenants.workspace(tenant.orgId),
    });
    const { tokenId, token } = await stage.tenants.token(tenant.orgId, tenant.owner);
    await quotas.add(tenant.orgId, { metric: 'runs', max: 0, tokenId });
    expect((await run(stage, tenant, { ...AGENT, model: `@${keyId}/${MODEL}` })).status).toBe(200);
    const byKey = await run(stage, tenant, { ...AGENT, model: `@${other}/${MODEL}` });
    expect(byKey.body).toMatchObject({ code: 'quota_exceeded', scope: 'key', scopeId: other });
    const byToken = await run(stage, tenant, { ...AGENT, model: `@${keyId}/${MODEL}` }, { token });
    expect(byToken.body).toMatchObject({ code: 'quota_exceeded', scope: 'token', scopeId: tokenId });
    await quotas.add(tenant.orgId, { metric: 'runs', max: 0, workspaceId: tenant.workspaceId });
    // A new quota holds for calls that start two seconds later.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const byWorkspace = await run(stage, tenant, { ...AGENT, model: `@${keyId}/${MODEL}` });
    expect(byWorkspace.body).toMatchObject({ scope: 'workspace', scopeId: tenant.workspaceId });
  });

  it('in mode monitor count and refuse nothing', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 10, mode: 'monitor' });
    stage.upstream.script(
      { text: 'a', usage: { input: 20, output: 9 } },
      { text: 'b', usage: { input: 1, output: 1 } },
    );
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 31 });
  });
});

describe('#53 budgets', () => {
  const inOneStep = { text: 'ok', usage: { input: 100, output: 40 } };

  it('are charged what receipts say, to the micro-USD, with the price on the receipt', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 10_000_000 });
    stage.upstream.script(inOneStep, { text: 'ok', usage: { input: 7, output: 3, cached: 2 } });
    for (const answer of [await run(stage, tenant, AGENT), await run(stage, tenant, AGENT)])
      expect(answer.status).toBe(200);
    const { cost } = await quotas.receipts(tenant.orgId);
    expect(cost).toBeGreaterThan(0);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: cost });
    const { rows } = await stage.db.query('SELECT price FROM usage_records WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rows[0]).toMatchObject({
      price: { source: 'catalogue', inputMicroUsdPerMTok: expect.any(Number) },
    });
  });

  it('refuse a call whose worst case does not fit, and say what would', async () => {
    const { workspaceId } = tenant;
    await quotas.add(tenant.orgId, { name: 'Small', metric: 'cost_micro_usd', max: 5_000, workspaceId });
    const refused = await run(stage, tenant, { ...AGENT, maxOutputTokens: 100_000 });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'budget_exceeded', used: 0, reserved: 0, max: 5_000 });
    expect(refused.body.detail).toMatch(/budget "Small".*\$0\.005.*maxOutputTokens/);
    expect(sent()).toBe(0);
    expect((await run(stage, tenant, { ...AGENT, maxOutputTokens: 10 })).status).toBe(200);
  });

  it('give the answer an end where the agent names none', async () => {
    await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 10_000_000 });
    expect((await run(stage, tenant, { model: MODEL, prompt: 'hi' })).status).toBe(200);
    expect(JSON.parse(stage.upstream.requests[0]!.body)).toMatchObject({ max_tokens: 4_096 });
  });

  it('reserve for each step of a run, and end the run when the next one does not fit', async () => {
    const tools = [
      {
        ...{ type: 'http', name: 'now', description: 'Now.', inputSchema: { type: 'object' } },
        ...{ method: 'GET', url: `${stage.tools.url}/now` },
      },
    ];
    const id = await quotas.add(tenant.orgId, { metric: 'output_tokens', max: 130 });
    stage.upstream.script(
      { toolCalls: [{ name: 'now', input: {} }], usage: { input: 10, output: 40 } },
      { toolCalls: [{ name: 'now', input: {} }], usage: { input: 10, output: 45 } },
      { text: 'never', usage: { input: 10, output: 1 } },
    );
    const answer = await run(stage, tenant, { ...AGENT, tools });
    // 40 + 45 are used, and 50 more might be: 135.
    expect([answer.status, answer.body.code]).toEqual([429, 'quota_exceeded']);
    expect(sent()).toBe(2);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 85 });
    expect(await quotas.receipts(tenant.orgId)).toMatchObject({ output: 85, runs: 1 });
  });

  it('refuse a model of unknown price by name, list it so, and take the price that the organization sets', async () => {
    await stage.tenants.key(tenant, {
      provider: 'ollama',
      secret: null,
      baseUrl: stage.upstream.baseUrls.ollama,
    });
    const id = await quotas.add(tenant.orgId, { name: 'Cap', metric: 'cost_micro_usd', max: 1_000_000 });
    const agent = { provider: 'ollama', model: 'llama3.1:8b', prompt: 'Hi.', maxOutputTokens: 20 };
    const refused = await run(stage, tenant, agent);
    expect([refused.status, refused.body.code]).toEqual([422, 'model_not_available']);
    expect(refused.body.detail).toMatch(/"llama3\.1:8b".*no known price.*budget "Cap"/);
    expect(sent()).toBe(0);
    await stage.db.query(
      `INSERT INTO price_overrides (org_id, id, provider, model, input_micro_usd_per_mtok, output_micro_usd_per_mtok, effective_from)
       VALUES ($1, gen_random_uuid(), 'ollama', 'llama3.1:8b', 1000000, 2000000, now() - interval '1 second'),
         ($1, gen_random_uuid(), 'ollama', 'llama3.1:8b', 9000000, 9000000, now() + interval '1 day')`,
      [toUuid(tenant.orgId)],
    );
    stage.upstream.script({ text: 'ok', usage: { input: 30, output: 5 } });
    const answer = await run(stage, tenant, agent);
    expect([answer.status, answer.body.usage.costMicroUsd]).toEqual([200, 40]);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 40 });
  });

  it('#53 the price of a receipt stays when the price book changes, and `models` shows the one that holds', async () => {
    const price = (input: number, from: string) =>
      stage.db.query(
        `INSERT INTO price_overrides (org_id, id, provider, model, input_micro_usd_per_mtok, output_micro_usd_per_mtok, effective_from)
         VALUES ($1, gen_random_uuid(), 'anthropic', $2, $3, 0, now() + $4::interval)`,
        [toUuid(tenant.orgId), MODEL, input, from],
      );
    const shown = async () => {
      const { body } = await call<{ data: { id: string; price: unknown }[] }>(
        stage,
        tenant,
        'GET',
        '/models',
      );
      return body.data.find(({ id }) => id === MODEL)?.price;
    };
    await price(5_000_000, '-1 minute');
    await price(7_000_000, '1 hour');
    expect(await shown()).toMatchObject({ inputMicroUsdPerMTok: 5_000_000, source: 'override' });
    stage.upstream.script(inOneStep, inOneStep);
    expect((await run(stage, tenant, AGENT)).body.usage.costMicroUsd).toBe(500);
    await price(6_000_000, '-1 second');
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await run(stage, tenant, AGENT)).body.usage.costMicroUsd).toBe(600);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { rows } = await stage.db.query<{ price: { inputMicroUsdPerMTok: number } }>(
      'SELECT price FROM usage_records WHERE org_id = $1 ORDER BY created_at',
      [toUuid(tenant.orgId)],
    );
    expect(rows.map(({ price: kept }) => kept.inputMicroUsdPerMTok)).toEqual([5_000_000, 6_000_000]);
  });
});

describe('F a process that dies in the middle', () => {
  it('is charged what it had reserved, and corrected when its end comes after all: the run stays as it was given up, the books are right', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 100_000 });
    stage.upstream.script({ text: 'late', usage: { input: 12, output: 8 }, delayMs: 1_500 });
    const running = run(stage, tenant, AGENT);
    await until(async () => (await quotas.held(tenant.orgId)) === 1);
    const { reserved } = await quotas.counter(id);
    expect(reserved).toBeGreaterThan(50);
    // Nobody is heard of within the last -10 seconds: every process is dead to this sweep.
    await stage.app.get(RunSweeper).sweep(-10);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: reserved });
    const charged = await quotas.receipts(tenant.orgId);
    expect(charged.input + charged.output).toBe(reserved);
    expect((await running).body.code).toBe('outcome_unknown');
    // On a slow machine the answer comes before its end is written.
    await until(async () => (await quotas.counter(id)).settled === 20);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 20 });
    expect(await quotas.receipts(tenant.orgId)).toMatchObject({ input: 12, output: 8, runs: 1 });
    await stage.app.get(RunSweeper).sweep(-10);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 20 });
  });
});

function today(): [number, number, number] {
  const now = new Date();
  return [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 25) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not come');
}
