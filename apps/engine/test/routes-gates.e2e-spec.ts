import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, toUuid } from '#lib/kernel';
import { RunSweeper } from '../src/agent-runs/run-sweeper.js';
import { addPolicy, violationsOf } from './support/policies.js';
import { Quotas } from './support/quotas.js';
import { FIRST, MODEL, OPENAI, Routed, SECOND, told, until } from './support/routed.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

let stage: Stage;
let tenant: Tenant;
let routed: Routed;
let keys: Routed['keys'];

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  routed = await Routed.create(stage);
  ({ tenant, keys } = routed);
});

const agent = (more: object = {}) => routed.agent(more);
const keyOrder = () => routed.keysUsed();

describe('#14 no target passes a gate by being named', () => {
  it('one that is switched off, curated out or refused by its gate is skipped with the gate’s code', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }], [OPENAI]: [{ text: 'the last' }] };
    const { orgId } = tenant;
    await stage.db.query('UPDATE provider_keys SET enabled = false WHERE id = $1', [toUuid(keys.second)]);
    await stage.db.query(
      `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'google', false)`,
      [toUuid(orgId)],
    );
    const routes = [
      { aiProviderId: keys.second, model: MODEL },
      { provider: 'google', model: 'gemini-2.5-flash' },
      { aiProviderId: keys.openai, model: 'gpt-4.1-mini' },
    ];
    const { status, body } = await run(stage, tenant, agent({ routes }));
    expect([status, body.text]).toEqual([200, 'the last']);
    expect(body.served?.attempts.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['failed', 'upstream_error'],
      ['skipped', 'no_provider_key'],
      ['skipped', 'provider_disabled'],
      ['ok', null],
    ]);
    expect(keyOrder()).toEqual([FIRST, OPENAI]);
  });

  it('a key that the workspace does not have is a 404, foreign or unknown, before anything is sent', async () => {
    const other = await stage.tenants.create();
    const foreign = await stage.tenants.key(other, { provider: 'openai', secret: OPENAI });
    const own = await stage.tenants.key(tenant, { provider: 'openai', secret: OPENAI, assign: false });
    for (const id of [foreign, own, newId('aip')]) {
      for (const target of [{ aiProviderId: id }, { model: `@${id}/gpt-4.1-mini` }]) {
        const { status, body } = await run(stage, tenant, agent({ routes: [target] }));
        expect([status, body.code]).toEqual([404, 'not_found']);
      }
    }
    const unknown = await run(stage, tenant, agent({ routes: [{ provider: 'nobody' }] }));
    expect(unknown.body.errors?.map(({ pointer }) => pointer)).toEqual(['/agent/routes/0/provider']);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('C: a key that is revoked while the run is at another target gets no request', async () => {
    routed.answers = { [FIRST]: [{ status: 500, delayMs: 300 }], [OPENAI]: [{ text: 'done' }] };
    const running = run(stage, tenant, agent());
    await until(() => stage.upstream.requests.length === 1);
    await stage.db.query('DELETE FROM assignments WHERE provider_key_id = $1', [toUuid(keys.second)]);
    await stage.notify({ orgId: tenant.orgId, topic: 'assignments.replaced', ids: {} });
    const { status, body } = await running;
    expect([status, keyOrder()]).toEqual([200, [FIRST, OPENAI]]);
    expect(told(body.served?.attempts)).toEqual([
      ['failed', 'server_error'],
      ['skipped', 'gate'],
      ['ok', null],
    ]);
  });

  it('C: a run goes on when the key that failed is revoked, and ends when the one that answers is', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }], [SECOND]: [{ text: ['a'], hang: 'body' }] };
    const running = run(stage, tenant, agent({ timeoutMs: 20_000 }));
    await until(() => stage.upstream.requests.length === 2);
    const unassign = async (id: string) => {
      await stage.db.query('DELETE FROM assignments WHERE provider_key_id = $1', [toUuid(id)]);
      await stage.notify({ orgId: tenant.orgId, topic: 'assignments.replaced', ids: {} });
    };
    await unassign(keys.first);
    let isOver = false;
    void running.then(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(isOver).toBe(false);
    await unassign(keys.second);
    expect((await running).body.code).toBe('no_provider_key');
  }, 20_000);

  it('C: in a pause between targets the run does not depend on the key that it has left', async () => {
    routed.answers = {
      [FIRST]: [{ status: 429, headers: { 'retry-after': '50' } }],
      [SECOND]: [{ status: 429, headers: { 'retry-after': '2' } }, { text: 'free again' }],
      [OPENAI]: [{ status: 500 }],
    };
    const running = run(stage, tenant, agent());
    await until(() => stage.upstream.journal.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stage.db.query('DELETE FROM assignments WHERE provider_key_id = $1', [toUuid(keys.openai)]);
    await stage.notify({ orgId: tenant.orgId, topic: 'assignments.replaced', ids: {} });
    expect((await running).body.text).toBe('free again');
  });

  it('#46 one that a policy blocks, or whose own rate is used up, is passed over; what a milder policy notes is on record', async () => {
    routed.answers = { [FIRST]: [{ status: 500 }], [OPENAI]: [{ text: 'the last' }] };
    await addPolicy(stage, tenant, [{ type: 'models', deny: ['openai/gpt-4.1'] }]);
    await addPolicy(stage, tenant, [{ type: 'models', deny: ['openai/gpt-4o'] }], { severity: 'LOW' });
    await stage.db.query(`UPDATE provider_keys SET limits = '{"rpm": 1}' WHERE id = $1`, [
      toUuid(keys.second),
    ]);
    const one = { model: `@${keys.second}/${MODEL}`, prompt: 'hello', maxOutputTokens: 50 };
    expect((await run(stage, tenant, one)).status).toBe(200);
    const routes = [{ model: 'gpt-4.1' }, { aiProviderId: keys.second, model: MODEL }, { model: 'gpt-4o' }];
    const { body } = await run(stage, tenant, agent({ routes }));
    expect(body.served?.attempts.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['failed', 'upstream_error'],
      ['skipped', 'policy_violation'],
      ['skipped', 'rate_limited'],
      ['ok', null],
    ]);
    expect(await violationsOf(stage, tenant, 1)).toMatchObject([
      { severity: 'LOW', run_id: toUuid(body.id) },
    ]);
  });

  it('#46 the answer of the target that served is the one that is judged, and nothing is told before', async () => {
    const secret = 'sk-judge-0123456789abcdef';
    const baseUrl = stage.upstream.baseUrls.openai;
    const judge = await stage.tenants.key(tenant, { provider: 'openai', secret, baseUrl, assign: false });
    const rule = {
      type: 'judge',
      instruction: 'No mergers.',
      aiProviderId: judge,
      model: 'gpt-4.1-nano',
      on: 'output',
    };
    await addPolicy(stage, tenant, [rule], { judgeKeys: [judge] });
    const verdict = (violates: boolean) => ({ text: JSON.stringify({ violates, reason: 'x' }) });
    routed.answers = {
      [FIRST]: [{ status: 500 }],
      [SECOND]: [{ text: 'calm' }, { text: 'of the merger' }],
      [secret]: [verdict(false), verdict(true)],
    };
    const good = await run(stage, tenant, agent());
    expect([good.status, good.body.text, told(good.body.served?.attempts)?.at(-1)]).toEqual([
      200,
      'calm',
      ['ok', null],
    ]);
    const bad = await run(stage, tenant, agent());
    expect([bad.status, bad.body.code]).toEqual([422, 'policy_violation']);
    expect(
      JSON.stringify((await call(stage, tenant, 'GET', `/agent-runs/${bad.body.runId}`)).body),
    ).not.toContain('merger');
    expect(stage.upstream.requests.filter(({ body }) => body.includes('of the merger'))).toHaveLength(1);
  });

  it('the kill switch ends the run: no target can mend it', async () => {
    routed.answers = { [FIRST]: [{ status: 500, delayMs: 300 }] };
    const running = run(stage, tenant, agent());
    await until(() => stage.upstream.requests.length === 1);
    await stage.db.query(`UPDATE orgs SET stopped_by_owner = 'enough' WHERE org_id = $1`, [
      toUuid(tenant.orgId),
    ]);
    await stage.notify({ orgId: tenant.orgId, topic: 'org.kill-switch-changed', ids: {} });
    const { body } = await running;
    expect([body.code, routed.keysUsed()]).toEqual(['ai_disabled', [FIRST]]);
  });
});

describe('#52 one bill for all attempts', () => {
  it('each key has the receipts of its own calls, and a cut-off attempt is charged by estimate', async () => {
    routed.answers = {
      [FIRST]: [{ hang: 'headers' }],
      [SECOND]: [{ text: 'ok', usage: { input: 9, output: 4 } }],
    };
    const { body } = await run(stage, tenant, agent({ timeoutMs: 1_500 }));
    await until(async () => (await receipts()).length === 2);
    const [first, second] = await receipts();
    expect([first, second]).toMatchObject([
      { key: toUuid(keys.first), outcome: 'aborted' },
      { key: toUuid(keys.second), outcome: 'ok', input: 9, output: 4 },
    ]);
    expect(body.usage.inputTokens).toBe(first!.input + 9);
    expect(body.usage.costMicroUsd).toBe(first!.cost + second!.cost);
    expect(body.steps).toHaveLength(1);
  });

  it('F: a dearer target reserves what it needs beside what was used; one that does not fit is skipped', async () => {
    const quotas = new Quotas(stage.db);
    const budget = await quotas.add(tenant.orgId, { metric: 'cost_micro_usd', max: 20_000 });
    routed.answers = {
      [FIRST]: [{ status: 500 }],
      [SECOND]: [{ text: 'ok', usage: { input: 9, output: 4 } }],
    };
    const dear = { aiProviderId: keys.second, model: 'claude-opus-4' };
    const { body } = await run(
      stage,
      tenant,
      agent({ maxOutputTokens: 1_000, routes: [dear, { aiProviderId: keys.second, model: MODEL }] }),
    );
    expect(body.served?.attempts.map(({ model, outcome, code }) => [model, outcome, code])).toEqual([
      [MODEL, 'failed', 'upstream_error'],
      ['claude-opus-4', 'skipped', 'budget_exceeded'],
      [MODEL, 'ok', null],
    ]);
    await until(async () => (await quotas.held(tenant.orgId)) === 0);
    expect(await quotas.counter(budget)).toEqual({ reserved: 0, settled: body.usage.costMicroUsd });
  });

  it('F: a quota of one key counts that key’s calls alone, whichever target reserved first', async () => {
    const quotas = new Quotas(stage.db);
    const ofFirst = await quotas.add(tenant.orgId, {
      metric: 'total_tokens',
      max: 1_000_000,
      aiProviderId: keys.first,
    });
    const ofSecond = await quotas.add(tenant.orgId, {
      metric: 'total_tokens',
      max: 1_000_000,
      aiProviderId: keys.second,
    });
    const tight = await quotas.add(tenant.orgId, {
      metric: 'total_tokens',
      max: 1,
      aiProviderId: keys.openai,
    });
    routed.answers = { [FIRST]: [{ status: 500 }], [SECOND]: [{ status: 500 }] };
    const failed = await run(stage, tenant, agent());
    expect(failed.body.code).toBe('upstream_error');
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${failed.body.runId}`);
    expect(kept.body.served?.attempts.at(-1)).toMatchObject({ outcome: 'skipped', code: 'quota_exceeded' });
    routed.answers[SECOND] = [{ text: 'ok', usage: { input: 9, output: 4 } }];
    expect((await run(stage, tenant, agent())).status).toBe(200);
    await until(async () => (await quotas.held(tenant.orgId)) === 0);
    expect(await quotas.counter(ofFirst)).toEqual({ reserved: 0, settled: 0 });
    expect(await quotas.counter(ofSecond)).toEqual({ reserved: 0, settled: 13 });
    expect(await quotas.counter(tight)).toEqual({ reserved: 0, settled: 0 });
  });

  it('F: a process that dies at the second target leaves a charge to the key that it was at, with what both may have used', async () => {
    const quotas = new Quotas(stage.db);
    const id = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 1_000_000 });
    routed.answers = {
      [FIRST]: [{ hang: 'headers' }],
      [SECOND]: [{ text: 'late', usage: { input: 9, output: 4 }, delayMs: 1_500 }],
    };
    const routes = [{ aiProviderId: keys.second, model: MODEL }];
    const running = run(stage, tenant, agent({ timeoutMs: 6_000, routes }));
    await until(() => stage.upstream.requests.length === 1);
    const { reserved: first } = await quotas.counter(id);
    await until(() => stage.upstream.requests.length === 2);
    const { reserved } = await quotas.counter(id);
    expect(reserved).toBeGreaterThan(first);
    await stage.app.get(RunSweeper).sweep(-10);
    expect(await receipts()).toMatchObject([{ key: toUuid(keys.second), outcome: 'unknown' }]);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: reserved });
    expect((await running).body.code).toBe('outcome_unknown');
    await until(async () => (await receipts()).length === 2);
    const used = (await receipts()).reduce((sum, { input, output }) => sum + input + output, 0);
    expect(used).toBeGreaterThanOrEqual(13);
    await until(async () => (await quotas.counter(id)).settled === used);
  }, 15_000);
});

interface Receipt {
  key: string;
  outcome: string;
  input: number;
  output: number;
  cost: number;
}

async function receipts(): Promise<Receipt[]> {
  const { rows } = await stage.db.query<Receipt>(
    `SELECT provider_key_id::text AS key, outcome, input_tokens::int AS input, output_tokens::int AS output,
       coalesce(cost_micro_usd, 0)::int AS cost FROM usage_records WHERE org_id = $1 ORDER BY outcome`,
    [toUuid(tenant.orgId)],
  );
  return rows;
}
