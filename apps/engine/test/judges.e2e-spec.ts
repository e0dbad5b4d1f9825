import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { addPolicy, blocksOf, violationsOf } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const JUDGE_KEY = 'sk-judge-0123456789abcdef';
const RUN_KEY = 'sk-content-run-0123456789';
const AGENT = { model: 'gpt-4.1-mini', prompt: 'Tell me of the merger.' };
const RESPECTS = { text: '{"violates": false, "reason": "fine"}', usage: { input: 90, output: 7 } };
const VIOLATES = { text: '{"violates": true, "reason": "It names the merger zzcanary."}' };

let stage: Stage;
let tenant: Tenant;
let judgeKey: string;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: RUN_KEY, baseUrl });
  // Assigned to no workspace: the policy alone has it.
  judgeKey = await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: JUDGE_KEY,
    baseUrl,
    assign: false,
  });
});

const judge = (on = 'input') => ({
  type: 'judge',
  instruction: 'Nobody may speak of mergers.',
  ...{ aiProviderId: judgeKey, model: 'gpt-4.1-nano', on },
});
const judged = (severity: string, on?: string) =>
  addPolicy(stage, tenant, [judge(on)], { severity, judgeKeys: [judgeKey] });
const keysUsed = () => stage.upstream.requests.map(({ headers }) => headers['authorization']);
const receipts = async (count: number) => {
  for (let tries = 0; ; tries += 1) {
    const { rows } = await stage.db.query<{ purpose: string }>(
      `SELECT purpose, model, outcome, input_tokens, output_tokens, provider_key_id::text AS key FROM usage_records
       WHERE org_id = $1 ORDER BY purpose DESC`,
      [toUuid(tenant.orgId)],
    );
    if (rows.length >= count || tries > 100) return rows;
    await delay(50);
  }
};
const stream = async (agent: object) =>
  allFrames(
    await send(stage, tenant, 'POST', '/agent-runs', {
      body: { nodeExecutionId: `n-${Math.random()}`, agent },
      headers: { accept: 'text/event-stream' },
    }),
  );

describe('#46 a judge of what is said', () => {
  it('allows: the call is made, and the question has a receipt of its own', async () => {
    await judged('HIGH');
    stage.upstream.script(RESPECTS, { text: 'It is public.' });
    const { status, body } = await run(stage, tenant, AGENT);
    expect([status, body.text]).toEqual([200, 'It is public.']);
    expect(keysUsed()).toEqual([`Bearer ${JUDGE_KEY}`, `Bearer ${RUN_KEY}`]);
    const [question] = stage.upstream.requests;
    expect(question!.body).toMatch(/<<TEXT [0-9a-f]{32}>>/);
    expect(question!.body).toMatch(/max_(completion_)?(output_)?tokens":300/);
    const rows = await receipts(2);
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ purpose: 'judge', model: 'gpt-4.1-nano', outcome: 'ok', input_tokens: 90, output_tokens: 7 },
        key: expect.any(String),
      }),
      expect.objectContaining({ purpose: 'call', model: AGENT.model }),
    ]);
    expect(body.usage.inputTokens).not.toBe(90);
  });

  it('refuses: HIGH ends the call before its key is used, on record, without the judge’s words', async () => {
    const id = await judged('HIGH');
    stage.upstream.script(VIOLATES);
    const { status, body } = await run(stage, tenant, AGENT);
    expect([status, body.code, keysUsed()]).toEqual([422, 'policy_violation', [`Bearer ${JUDGE_KEY}`]]);
    const violations = await violationsOf(stage, tenant, 1);
    expect(violations).toEqual([
      expect.objectContaining({ action: 'blocked', rule_type: 'judge', run_id: toUuid(body.runId ?? '') }),
    ]);
    expect(await blocksOf(stage, tenant)).toEqual([{ target: id }]);
    expect(JSON.stringify([body, violations])).not.toMatch(/zzcanary|names the merger/);
  });

  it.each([
    ['LOW', 'logged'],
    ['MEDIUM', 'alerted'],
  ])('%s: the verdict is recorded, and the call goes on', async (severity, action) => {
    await judged(severity);
    stage.upstream.script(VIOLATES, { text: 'Well.' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect(await violationsOf(stage, tenant, 1)).toEqual([expect.objectContaining({ action })]);
  });

  it.each<[string, object]>([
    ['is no JSON', { text: 'It looks fine to me.' }],
    ['says more than it may', { text: '{"violates": false, "reason": "a", "note": 1}' }],
    ['says it twice', { text: '{"violates": true, "violates": false, "reason": "a"}' }],
    ['is an error', { status: 500, message: 'zzcanary' }],
    ['breaks off', { text: ['{"violates":', ' false}'], cutAfter: 1 }],
  ])('an answer that %s fails closed at HIGH, and is recorded below', async (_name, answer) => {
    await judged('HIGH');
    stage.upstream.script(answer);
    const { status, body } = await run(stage, tenant, AGENT);
    expect([status, body.code, keysUsed()]).toEqual([422, 'policy_violation', [`Bearer ${JUDGE_KEY}`]]);
    expect(body.detail).toContain('the policy’s judge did not answer');
    expect(body.detail).not.toContain('zzcanary');
    await stage.db.query(`UPDATE policies SET severity = 'LOW', version = 2 WHERE org_id = $1`, [
      toUuid(tenant.orgId),
    ]);
    await delay(2_100);
    stage.upstream.script(answer, { text: 'Well.' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    const [, second] = await violationsOf(stage, tenant, 2);
    expect(second).toMatchObject({ action: 'logged', detail: expect.stringContaining('did not answer') });
  });

  it('one that hangs is given up after its ten seconds', async () => {
    await judged('HIGH');
    stage.upstream.script({ hang: 'headers' });
    const startMs = performance.now();
    const { body } = await run(stage, tenant, AGENT);
    expect(body).toMatchObject({
      code: 'policy_violation',
      detail: expect.stringContaining('upstream_timeout'),
    });
    expect(performance.now() - startMs).toBeLessThan(20_000);
  }, 30_000);

  it.each<[string, string]>([
    ['is switched off', 'UPDATE provider_keys SET enabled = false WHERE id = $1'],
    ['is deleted', 'DELETE FROM provider_keys WHERE id = $1'],
    ['is for other models', `UPDATE provider_keys SET models = '{gpt-4.1}' WHERE id = $1`],
    ['the policy was not given', `UPDATE policies SET judge_keys = '{}' WHERE judge_keys @> ARRAY[$1::uuid]`],
    ['the policy only names', `UPDATE policies SET judge_grants = '{}' WHERE judge_keys @> ARRAY[$1::uuid]`],
    [
      'another policy only names',
      `INSERT INTO policies (org_id, id, name, description, severity, enabled, rules, judge_keys)
       SELECT org_id, gen_random_uuid(), 'Lent', '', 'LOW', true, rules, judge_keys FROM policies WHERE judge_keys @> ARRAY[$1::uuid]`,
    ],
    [
      'is assigned, and switched off there',
      `WITH named AS (UPDATE policies SET judge_grants = '{}' WHERE judge_keys @> ARRAY[$1::uuid] RETURNING org_id)
       INSERT INTO assignments (org_id, workspace_id, provider_key_id, active)
       SELECT w.org_id, w.id, $1, false FROM workspaces w JOIN named USING (org_id)`,
    ],
  ])('a key that %s judges nobody: no byte is sent, HIGH fails closed', async (_name, sql) => {
    await judged('HIGH');
    await stage.db.query(sql, [toUuid(judgeKey)]);
    const { status, body } = await run(stage, tenant, AGENT);
    expect([status, body.code, stage.upstream.requests.length]).toEqual([422, 'policy_violation', 0]);
  });

  it('#2 a key that a policy only names judges where the workspace has it in use', async () => {
    await addPolicy(stage, tenant, [judge()], { judgeKeys: [judgeKey], judgeGrants: [] });
    await stage.db.query(
      // Behind the run's own key: it judges, and does not serve.
      'INSERT INTO assignments (org_id, workspace_id, provider_key_id, priority) VALUES ($1, $2, $3, 9)',
      [toUuid(tenant.orgId), toUuid(tenant.workspaceId), toUuid(judgeKey)],
    );
    stage.upstream.script(RESPECTS, { text: 'It is public.' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect(keysUsed()).toEqual([`Bearer ${JUDGE_KEY}`, `Bearer ${RUN_KEY}`]);
  });

  it('its key serves no run: what a policy was given is not what a workspace has', async () => {
    await judged('LOW');
    await stage.db.query('DELETE FROM assignments WHERE org_id = $1', [toUuid(tenant.orgId)]);
    const { body } = await run(stage, tenant, AGENT);
    expect([body.code, stage.upstream.requests.length]).toEqual(['no_provider_key', 0]);
  });

  it('reads what was redacted, not what was there', async () => {
    await addPolicy(stage, tenant, [{ type: 'pii', on: 'input', action: 'redact' }]);
    await judged('HIGH');
    stage.upstream.script(RESPECTS);
    await run(stage, tenant, { ...AGENT, prompt: 'Write to jane.roe@corp.example.com.' });
    expect(stage.upstream.requests.map(({ body }) => body).join()).not.toContain('jane.roe');
    expect(stage.upstream.requests[0]!.body).toContain('[EMAIL]');
  });
});

describe('#46 a judge of answers', () => {
  const ANSWER = { text: ['The merger ', 'zzsecret is on.'] };

  it('HIGH holds the stream to the end, and gives it when the judge allows it', async () => {
    await judged('HIGH', 'output');
    stage.upstream.script(ANSWER, RESPECTS);
    const frames = await stream(AGENT);
    expect(frames.map(({ event }) => event)).toEqual([
      ...['run.started', 'step.started', 'text.delta', 'text.delta', 'step.finished', 'run.finished'],
    ]);
    expect(frames.at(-1)!.data['text']).toBe('The merger zzsecret is on.');
    expect(stage.upstream.requests[1]!.body).toContain('zzsecret');
  });

  it.each<[string, object]>([
    ['refuses it', VIOLATES],
    ['does not answer', { status: 500 }],
  ])('HIGH tells nobody an answer when the judge %s, and keeps none of it', async (_name, verdict) => {
    await judged('HIGH', 'output');
    stage.upstream.script(ANSWER, verdict);
    const frames = await stream(AGENT);
    expect(frames.map(({ event }) => event)).toEqual(['run.started', 'run.failed']);
    const { rows } = await stage.db.query('SELECT * FROM agent_runs WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(JSON.stringify([frames, rows])).not.toContain('zzsecret');
    expect(await receipts(2)).toHaveLength(2);
    expect(await blocksOf(stage, tenant)).toHaveLength(1);
  });

  it('an answer that broke off was not judged, so nobody has it', async () => {
    await judged('HIGH', 'output');
    stage.upstream.script({ text: ['The zzsecret merger ', 'is on.'], cutAfter: 1 });
    const { body } = await run(stage, tenant, AGENT);
    expect(body.code).toBe('upstream_error');
    const { rows } = await stage.db.query('SELECT * FROM agent_runs WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(JSON.stringify([body, rows])).not.toContain('zzsecret');
  });

  it('below HIGH it streams as it comes, and the verdict is recorded', async () => {
    await judged('MEDIUM', 'output');
    stage.upstream.script(ANSWER, VIOLATES);
    const frames = await stream(AGENT);
    expect(frames.at(-1)!.event).toBe('run.finished');
    expect(await violationsOf(stage, tenant, 1)).toEqual([expect.objectContaining({ action: 'alerted' })]);
  });
});
