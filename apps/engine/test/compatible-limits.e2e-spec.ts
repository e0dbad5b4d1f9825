import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { toUuid } from '#lib/kernel';
import { applicationOf, usageRows } from './support/compatible.js';
import { Quotas } from './support/quotas.js';
import { startStage, type Stage } from './support/stage.js';

const MODEL = 'gpt-4.1-mini';

let stage: Stage;
let quotas: Quotas;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
  quotas = new Quotas(stage.db);
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  app = await applicationOf(stage);
});

const ask = (change: object = {}, signal?: AbortSignal) =>
  fetch(`${stage.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': app.token, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi.' }], ...change }),
    ...(signal && { signal }),
  });
const executions = async (org = app.tenant.orgId) => {
  const { rows } = await stage.db.query<{ used: number }>(
    `SELECT used FROM plan_counters WHERE org_id = $1 AND resource LIKE 'executions:%'`,
    [toUuid(org)],
  );
  return rows[0]?.used ?? 0;
};

describe('#52 a call of a compatible endpoint', () => {
  it('leaves one receipt, by key, workspace, token and model, with its price; a run to look up, an execution, a line in the chain', async () => {
    stage.upstream.script({ text: 'Hi.', usage: { input: 1_000, output: 100, cached: 400, reasoning: 20 } });
    const answer = await ask();
    const runId = answer.headers.get('claviger-run-id') ?? '';
    const [receipt] = await usageRows(stage, app.tenant, 1);
    expect(receipt).toMatchObject({
      ...{ model: MODEL, provider: 'openai', outcome: 'ok', purpose: 'call', principal_id: app.tokenId },
      ...{
        run_id: toUuid(runId),
        workspace_id: toUuid(app.tenant.workspaceId),
        provider_key_id: toUuid(app.keys.openai),
      },
      ...{ input_tokens: 1_000, output_tokens: 100, cached_input_tokens: 400, reasoning_tokens: 20 },
    });
    expect(Number(receipt!['cost_micro_usd'])).toBeGreaterThan(0);
    expect(await executions()).toBe(1);
    const run = await fetch(
      `${stage.url}/internal/v1/workspaces/${app.tenant.workspaceId}/agent-runs/${runId}`,
      {
        headers: { authorization: `Bearer ${app.tenant.token}` },
      },
    );
    expect(await run.json()).toMatchObject({ id: runId, status: 'succeeded', text: '' });
    const { rows } = await stage.db.query<{ change: { runs: string[] } }>(
      `SELECT change FROM audit_events WHERE org_id = $1 AND action = 'agentRuns.Batch'`,
      [toUuid(app.tenant.orgId)],
    );
    expect(rows.flatMap(({ change }) => change.runs)).toContain(runId);
  });

  it.each([
    [{ user: 'customer-7' }, 'customer-7'],
    [{ safety_identifier: 'customer-8' }, 'customer-8'],
    [{ metadata: { user_id: 'customer-9' } }, 'customer-9'],
    [{ user: 'nul \u0000' }, null],
    [{ user: 'x'.repeat(201) }, null],
    [{}, null],
  ])('leaves a receipt by the user that it is made for: %j', async (said, user) => {
    expect((await ask(said)).status).toBe(200);
    expect((await usageRows(stage, app.tenant, 1))[0]).toMatchObject({ user_id: user });
  });

  it('waits for no table when it is warm: it is answered while every one of them is locked', async () => {
    expect((await ask()).status).toBe(200);
    await usageRows(stage, app.tenant, 1);
    const other = new pg.Client({ connectionString: stage.database.superuserUrl });
    await other.connect();
    try {
      await (await ask()).text();
      await other.query(
        'BEGIN; LOCK TABLE tokens, orgs, agent_runs, usage_records, provider_keys, plan_counters IN ACCESS EXCLUSIVE MODE',
      );
      const statuses = [];
      for (let count = 0; count < 3; count += 1)
        statuses.push((await ask({}, AbortSignal.timeout(1_500))).status);
      expect(statuses).toEqual([200, 200, 200]);
    } finally {
      await other.query('ROLLBACK');
      await other.end();
    }
    expect(await usageRows(stage, app.tenant, 5)).toHaveLength(5);
  });
});

describe('#45 #53 quotas and budgets', () => {
  it('reserve the worst case and settle what was used, streams that the client leaves included', async () => {
    const id = await quotas.add(app.tenant.orgId, { metric: 'total_tokens', max: 20_000 });
    stage.upstream.script({ text: 'Hi.', usage: { input: 30, output: 12 } });
    expect((await ask({ max_tokens: 50 })).status).toBe(200);
    await usageRows(stage, app.tenant, 1);
    expect(await quotas.counter(id)).toEqual({ reserved: 0, settled: 42 });
    stage.upstream.script({ text: ['x'.repeat(40), 'y'], hang: 'body' });
    const leave = new AbortController();
    const open = await ask({ stream: true, max_tokens: 50 }, leave.signal);
    await open.body!.getReader().read();
    expect((await quotas.counter(id)).reserved).toBeGreaterThan(50);
    leave.abort();
    const receipts = await usageRows(stage, app.tenant, 2);
    expect(receipts[1]).toMatchObject({ outcome: 'aborted', output_tokens: 10 });
    const { settled, reserved } = await quotas.counter(id);
    expect([settled - 42 - Number(receipts[1]!['input_tokens']), reserved]).toEqual([10, 0]);
  });

  it('refuse what might exceed them, in the vendor’s shape, and their client is told not to try again', async () => {
    await quotas.add(app.tenant.orgId, { name: 'Small', metric: 'cost_micro_usd', max: 10 });
    const answer = await ask({ max_tokens: 5_000 });
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({
      error: { type: 'insufficient_quota', code: 'budget_exceeded' },
    });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('give an answer an end where the call names none, times the answers that it asks for', async () => {
    await quotas.add(app.tenant.orgId, { metric: 'output_tokens', max: 10_000 });
    expect((await ask({ n: 3 })).status).toBe(429);
    expect((await ask({ n: 2 })).status).toBe(200);
    expect(JSON.parse(stage.upstream.requests[0]!.body)).toMatchObject({ max_completion_tokens: 4_096 });
  });
});

describe('#41 #44 limits of plans and rates', () => {
  it('executions are exact under parallel calls', async () => {
    app = await applicationOf(stage, 'free');
    await stage.db.query(`INSERT INTO plan_counters (org_id, resource, used) VALUES ($1, $2, 995)`, [
      ...[toUuid(app.tenant.orgId), `executions:${new Date().toISOString().slice(0, 7)}`],
    ]);
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await ask()).status));
    expect([statuses.filter((status) => status === 200).length, await executions()]).toEqual([5, 1_000]);
    expect(await (await ask()).json()).toMatchObject({ error: { code: 'plan_limit_reached' } });
    // A count of tokens is no execution.
    stage.upstream.raw(() => ({
      headers: { 'content-type': 'application/json' },
      pieces: ['{"input_tokens":1}'],
    }));
    const counted = await fetch(`${stage.url}/anthropic/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'x-api-key': app.token },
      body: '{"model":"claude-haiku-4-5","messages":[]}',
    });
    expect([counted.status, await counted.text(), await executions()]).toEqual([
      200,
      '{"input_tokens":1}',
      1_000,
    ]);
  });

  it('a full rate is 429 with the vendor’s headers, and nothing is sent', async () => {
    await stage.db.query(`UPDATE provider_keys SET limits = '{"rpm": 2}' WHERE id = $1`, [
      toUuid(app.keys.openai),
    ]);
    const first = await ask();
    expect([
      first.headers.get('x-ratelimit-limit-requests'),
      first.headers.get('x-ratelimit-remaining-requests'),
    ]).toEqual(['2', '1']);
    await ask();
    const full = await ask();
    expect([full.status, await full.json()]).toMatchObject([
      429,
      { error: { type: 'rate_limit_error', code: 'rate_limited' } },
    ]);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(stage.upstream.requests).toHaveLength(2);
  });
});
