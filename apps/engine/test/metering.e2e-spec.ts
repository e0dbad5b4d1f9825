import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, toUuid } from '#lib/kernel';
import { receiptDigest } from '../src/metering/receipt-digest.js';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let keyId: string;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  keyId = await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-meter-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

/** Rows of this tenant, when there are `count` of them. */
async function rows(text: string, count: number): Promise<Record<string, unknown>[]> {
  for (let waited = 0; waited < 5_000; waited += 50) {
    const result = await stage.db.query<Record<string, unknown>>(text, [toUuid(tenant.orgId)]);
    if (result.rows.length >= count) return result.rows;
    await delay(50);
  }
  throw new Error(`fewer than ${count} rows: ${text}`);
}

const usageRows = (count: number) => rows('SELECT * FROM usage_records WHERE org_id = $1 ORDER BY id', count);
const keyRow = async () =>
  (await rows('SELECT refused_in_a_row, last_used_at FROM provider_keys WHERE org_id = $1', 1))[0]!;

describe('#52 usage of a run', () => {
  it('is one receipt per model call, by key, version, workspace, workflow, user and caller, with its price', async () => {
    const tools = [
      {
        type: 'http',
        name: 'now',
        description: 'Now.',
        inputSchema: { type: 'object' },
        method: 'GET',
        url: `${stage.tools.url}/now`,
      },
    ];
    stage.upstream.script(
      { toolCalls: [{ name: 'now', input: {} }], usage: { input: 100, output: 10, cached: 40 } },
      { text: 'Noon.', usage: { input: 200, output: 20 } },
    );
    const body = {
      nodeExecutionId: newId('req'),
      workflow: { id: 'wf_7', version: '3' },
      userId: 'customer-9',
      agent: { ...AGENT, tools },
    };
    const answer = await run(stage, tenant, {}, { body });
    expect(answer.status).toBe(200);
    const receipts = await usageRows(2);
    expect(receipts).toHaveLength(2);
    for (const receipt of receipts) {
      expect(receipt).toMatchObject({
        run_id: toUuid(answer.body.id),
        provider_key_id: toUuid(keyId),
        key_version: 1,
        workspace_id: toUuid(tenant.workspaceId),
        provider: 'openai',
        model: 'gpt-4.1-mini',
        principal_id: tenant.tokenId,
        user_id: 'customer-9',
        workflow_id: 'wf_7',
        outcome: 'ok',
      });
    }
    expect(
      receipts.map(({ input_tokens, output_tokens, cached_input_tokens }) => [
        input_tokens,
        output_tokens,
        cached_input_tokens,
      ]),
    ).toEqual([
      [100, 10, 40],
      [200, 20, 0],
    ]);
    const cost = receipts.reduce((sum, { cost_micro_usd }) => sum + Number(cost_micro_usd), 0);
    expect(answer.body.usage).toMatchObject({
      inputTokens: 300,
      outputTokens: 30,
      cachedInputTokens: 40,
      costMicroUsd: cost,
    });
    expect(cost).toBeGreaterThan(0);
  });

  it('a model without a known price costs null, not nothing', async () => {
    await stage.tenants.key(tenant, {
      provider: 'ollama',
      secret: null,
      baseUrl: stage.upstream.baseUrls.ollama,
    });
    const { status, body } = await run(stage, tenant, {
      provider: 'ollama',
      model: 'llama3.1:8b',
      prompt: 'Hi.',
    });
    expect({ status, cost: body.usage.costMicroUsd }).toEqual({ status: 200, cost: null });
    expect((await usageRows(1))[0]).toMatchObject({ cost_micro_usd: null, provider: 'ollama' });
    expect(stage.upstream.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('refusals by the vendor are counted in a row, and one success ends the row', async () => {
    const before = Date.now();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      stage.upstream.script({ status: 401, message: 'no such key' });
      expect((await run(stage, tenant, AGENT)).body.code).toBe('upstream_auth_failed');
    }
    await usageRows(3);
    expect(await keyRow()).toMatchObject({ refused_in_a_row: 3 });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect(await usageRows(4)).toEqual(
      expect.arrayContaining([expect.objectContaining({ outcome: 'refused', input_tokens: 0 })]),
    );
    const { refused_in_a_row, last_used_at } = await keyRow();
    expect(refused_in_a_row).toBe(0);
    expect((last_used_at as Date).getTime()).toBeGreaterThanOrEqual(before - 1_000);
  });
});

describe('#54 the audit of runs', () => {
  it('is a batch in the organization’s chain, with a digest over the runs', async () => {
    const ids = (await Promise.all(Array.from({ length: 3 }, () => run(stage, tenant, AGENT)))).map(
      ({ body }) => body.id,
    );
    await usageRows(3);
    const batches = await rows(
      `SELECT actor, action, target, change FROM audit_events WHERE org_id = $1 AND action = 'agentRuns.Batch' ORDER BY seq`,
      1,
    );
    const changes = batches.map(({ change }) => change as { runs: string[]; count: number; digest: string });
    expect(changes.flatMap(({ runs }) => runs).sort()).toEqual([...ids].sort());
    for (const { runs, count, digest } of changes) {
      expect(count).toBe(runs.length);
      const stored = await rows('SELECT principal_id FROM agent_runs WHERE org_id = $1', 3);
      expect(stored.every(({ principal_id }) => principal_id === tenant.tokenId)).toBe(true);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(batches[0]).toMatchObject({ actor: 'system', target: tenant.orgId });
  });

  it('the digest changes with any field of any receipt', () => {
    const receipt = {
      orgId: 'org_1',
      runId: 'run_1',
      principalId: 'tok_1',
      workspaceId: 'ws_1',
      status: 'succeeded',
      code: null,
      aiProviderId: 'aip_1',
      keyVersion: 1,
      requestId: 'req_1',
      at: new Date(0),
    };
    const digests = [
      [receipt],
      [{ ...receipt, status: 'failed' }],
      [{ ...receipt, principalId: 'tok_2' }],
      [{ ...receipt, keyVersion: 2 }],
      [{ ...receipt, runId: 'run_1t', principalId: 'ok_1' }],
      [receipt, receipt],
      [],
    ].map(receiptDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('a stopping engine', () => {
  it('lets its runs end, takes no new ones, and leaves no receipt unwritten', async () => {
    const { app, url } = await stage.second();
    stage.upstream.script({ text: 'Just in time.', delayMs: 700 });
    const last = run(stage, tenant, AGENT, { url });
    while (stage.upstream.requests.length === 0) await delay(10);
    const closing = app.close();
    await delay(50);
    const refused = await run(stage, tenant, AGENT, { url }).catch((error: Error) => error);
    expect(refused instanceof Error || refused.status === 503).toBe(true);
    expect((await last).body).toMatchObject({ status: 'succeeded', text: 'Just in time.' });
    await closing;
    expect(await usageRows(1)).toHaveLength(1);
  });
});
