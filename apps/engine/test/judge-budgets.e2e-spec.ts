import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addPolicy } from './support/policies.js';
import { Quotas } from './support/quotas.js';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const FINE = '{"violates": false, "reason": "fine"}';

let stage: Stage;
let quotas: Quotas;
let tenant: Tenant;
let judgeKey: string;

beforeAll(async () => {
  stage = await startStage();
  quotas = new Quotas(stage.db);
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.anthropic;
  const key = { provider: 'anthropic', baseUrl };
  await stage.tenants.key(tenant, { ...key, secret: 'sk-ant-run-0123456789abcdef' });
  judgeKey = await stage.tenants.key(tenant, {
    ...key,
    secret: 'sk-ant-judge-0123456789abcdef',
    assign: false,
  });
  const rule = { type: 'judge', instruction: 'x', aiProviderId: judgeKey, model: 'claude-sonnet-4-6' };
  await addPolicy(stage, tenant, [{ ...rule, on: 'input' }], { severity: 'HIGH', judgeKeys: [judgeKey] });
});

/** A run whose judge used so many input tokens, answering "fine". */
async function judged(input: number) {
  stage.upstream.script(
    { text: FINE, usage: { input, output: 7 } },
    { text: 'ok', usage: { input: 10, output: 2 } },
  );
  return run(stage, tenant, { model: 'claude-haiku-4-5', prompt: 'hello', maxOutputTokens: 10 });
}

describe('#45 #49 what judges use counts', () => {
  it('against the organization’s budget, to the last micro-dollar, and nothing stays held', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 10_000_000 });
    for (let n = 0; n < 3; n += 1) expect((await judged(1_000)).status).toBe(200);
    const { cost } = await quotas.receipts(tenant.orgId);
    expect(cost).toBeGreaterThan(3 * 3_000);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: cost });
  });

  it('and a judge that does not fit is not asked: nothing is spent, and what it guards is refused', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 20_000 });
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(await judged(3_000));
    expect(answers.map(({ status }) => status)).toContain(422);
    const { cost } = await quotas.receipts(tenant.orgId);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: cost });
    expect(cost).toBeLessThanOrEqual(20_000);
  });

  it('against a budget of the judge’s own key, which no workspace has', async () => {
    const id = await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 0, aiProviderId: judgeKey });
    const { status, body } = await judged(1_000);
    expect([status, body.code]).toEqual([422, 'policy_violation']);
    expect(JSON.stringify(body)).toContain('budget_exceeded');
    expect(stage.upstream.requests).toEqual([]);
    expect(await quotas.counter(id)).toMatchObject({ reserved: 0, settled: 0 });
  });

  it('as tokens, and not as a run more', async () => {
    const runs = await quotas.add(tenant.orgId, { metric: 'runs', max: 10 });
    const tokens = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 1_000_000 });
    expect((await judged(1_000)).status).toBe(200);
    expect(await quotas.counter(runs)).toEqual({ reserved: 0, settled: 1 });
    expect(await quotas.counter(tokens)).toEqual({ reserved: 0, settled: 1_007 + 12 });
  });
});
