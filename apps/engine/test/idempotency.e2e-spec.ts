import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let second: string;

beforeAll(async () => {
  stage = await startStage();
  second = (await stage.second()).url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-idem-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

async function runsInSql(): Promise<{ status: string }[]> {
  const { rows } = await stage.db.query<{ status: string }>(
    'SELECT status FROM agent_runs WHERE org_id = $1',
    [toUuid(tenant.orgId)],
  );
  return rows;
}

async function executions(): Promise<number> {
  const { rows } = await stage.db.query<{ used: number }>(
    `SELECT used FROM plan_counters WHERE org_id = $1 AND resource LIKE 'executions:%'`,
    [toUuid(tenant.orgId)],
  );
  return rows[0]?.used ?? 0;
}

describe('#38 equal posts of one node execution', () => {
  it('made at once, to two processes, are one run with one answer', async () => {
    stage.upstream.respond(() => ({ text: 'Once.', delayMs: 300 }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        run(stage, tenant, AGENT, { node: 'node-1', url: index % 2 === 0 ? stage.url : second }),
      ),
    );
    stage.upstream.respond(() => undefined);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { body } of answers) expect(body).toEqual(answers[0]!.body);
    expect(stage.upstream.requests).toHaveLength(1);
    expect(await runsInSql()).toHaveLength(1);
    expect(await executions()).toBe(1);
  });

  it('a replay gets the answer that was given and runs nothing, whatever the order of its fields', async () => {
    const { body } = await run(stage, tenant, AGENT, { node: 'node-2' });
    const again = await run(stage, tenant, { prompt: AGENT.prompt, model: AGENT.model }, { node: 'node-2' });
    expect(again).toMatchObject({ status: 200, body });
    const streamed = await allFrames(
      await send(stage, tenant, 'POST', '/agent-runs', {
        body: { nodeExecutionId: 'node-2', agent: AGENT },
        headers: { accept: 'text/event-stream' },
        url: second,
      }),
    );
    expect(streamed).toMatchObject([{ event: 'run.finished', data: { id: body.id, text: body.text } }]);
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('a replay of a failed run fails the same way, and of a refused one is a new attempt', async () => {
    stage.upstream.script({ status: 500, message: 'down' });
    const failed = await run(stage, tenant, AGENT, { node: 'node-3' });
    const again = await run(stage, tenant, AGENT, { node: 'node-3' });
    expect(again.body).toMatchObject({
      code: 'upstream_error',
      runId: failed.body.runId,
      detail: failed.body.detail,
    });
    expect(stage.upstream.requests).toHaveLength(1);
    expect(
      (await run(stage, tenant, { model: 'claude-sonnet-4-6', prompt: 'Hi.' }, { node: 'node-4' })).body.code,
    ).toBe('no_provider_key');
    await stage.tenants.key(tenant, {
      provider: 'anthropic',
      secret: 'sk-ant-idem-0123456789',
      baseUrl: stage.upstream.baseUrls.anthropic,
    });
    expect(
      (await run(stage, tenant, { model: 'claude-sonnet-4-6', prompt: 'Hi.' }, { node: 'node-4' })).status,
    ).toBe(200);
  });

  it('a replay still gets its answer after the key was taken away', async () => {
    const { body } = await run(stage, tenant, AGENT, { node: 'node-5' });
    await stage.db.query('DELETE FROM assignments WHERE org_id = $1', [toUuid(tenant.orgId)]);
    await delay(2_050);
    expect((await run(stage, tenant, AGENT, { node: 'node-5' })).body).toEqual(body);
    expect((await run(stage, tenant, AGENT, { node: 'node-6' })).body.code).toBe('no_provider_key');
  });

  it('another body is idempotency_mismatch', async () => {
    await run(stage, tenant, AGENT, { node: 'node-7' });
    const { status, body } = await run(stage, tenant, { ...AGENT, prompt: 'Other.' }, { node: 'node-7' });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'idempotency_mismatch' });
  });

  it('a late joiner of a stream hears all of it', async () => {
    stage.upstream.script({ text: ['One, ', 'two, ', 'three.'], pieceDelayMs: 150 });
    const post = () =>
      send(stage, tenant, 'POST', '/agent-runs', {
        body: { nodeExecutionId: 'node-8', agent: AGENT },
        headers: { accept: 'text/event-stream' },
      });
    const first = post().then(allFrames);
    await delay(250);
    expect(await post().then(allFrames)).toEqual(await first);
    expect(stage.upstream.requests).toHaveLength(1);
  });
});

describe('#37 a run in the background', () => {
  it('answers 202 with its place, goes on alone, and can be waited for', async () => {
    stage.upstream.script({ text: 'Later.', delayMs: 400 });
    const begun = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
    expect(begun.status).toBe(202);
    expect(begun.headers.get('location')).toBe(
      `/internal/v1/workspaces/${tenant.workspaceId}/agent-runs/${begun.body.id}`,
    );
    const early = await call(stage, tenant, 'GET', `/agent-runs/${begun.body.id}`);
    expect(['queued', 'running']).toContain(early.body.status);
    const waited = await call(stage, tenant, 'GET', `/agent-runs/${begun.body.id}?wait=10`, { url: second });
    expect(waited.body).toMatchObject({ status: 'succeeded', text: 'Later.' });
  });

  it('can be cancelled; its usage and what was received are kept', async () => {
    stage.upstream.script({ text: ['Some text, ', 'and more'], hang: 'body' });
    const { body } = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
    await until(() => stage.upstream.requests.length === 1);
    await delay(100);
    const cancelled = await call(stage, tenant, 'POST', `/agent-runs/${body.id}/cancel`);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', error: { code: 'run_cancelled' } });
    expect(cancelled.body.text).toContain('Some text');
    expect((await call(stage, tenant, 'POST', `/agent-runs/${body.id}/cancel`)).body).toEqual(cancelled.body);
  });
});

describe('F. a caller who goes away', () => {
  it.each(['application/json', 'text/event-stream'])(
    'aborts the upstream call (%s); usage is recorded',
    async (accept) => {
      stage.upstream.script({ text: ['A beginning', ' and an end'], hang: 'body' });
      const leaving = new AbortController();
      const body = { nodeExecutionId: newId('req'), agent: AGENT };
      const answer = send(stage, tenant, 'POST', '/agent-runs', {
        body,
        headers: { accept },
        signal: leaving.signal,
      })
        .then((response) => response.text())
        .catch((error: Error) => error.name);
      await until(() => stage.upstream.requests.length === 1);
      await delay(150);
      leaving.abort();
      expect(await answer).toBe('AbortError');
      await until(async () => (await runsInSql())[0]?.status === 'cancelled');
      await until(async () => (await usage()).length === 1);
      expect(await usage()).toEqual([
        { outcome: 'aborted', output_tokens: Math.ceil('A beginning'.length / 4) },
      ]);
      await until(async () => (await stage.upstream.connections()) === 0);
    },
  );

  async function usage() {
    const { rows } = await stage.db.query<object>(
      'SELECT outcome, output_tokens FROM usage_records WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    return rows;
  }
});

describe('F. a run whose process died', () => {
  it('is called outcome_unknown by the next one, and says so to whoever asks', async () => {
    const { body } = await run(stage, tenant, AGENT, { node: 'dead' });
    const dead = newUuid();
    await stage.db.query(
      `INSERT INTO engine_processes (id, heartbeat_at) VALUES ($1, now() - interval '1 minute')`,
      [dead],
    );
    await stage.db.query(
      `UPDATE agent_runs SET status = 'running', engine_id = $2, result = NULL, finished_at = NULL WHERE org_id = $1`,
      [toUuid(tenant.orgId), dead],
    );
    const waiting = run(stage, tenant, AGENT, { node: 'dead' });
    const answer = await waiting;
    expect(answer).toMatchObject({ status: 499, body: { code: 'outcome_unknown', runId: body.id } });
    expect((await call(stage, tenant, 'GET', `/agent-runs/${body.id}`)).body).toMatchObject({
      status: 'outcome_unknown',
      error: { code: 'outcome_unknown' },
    });
    expect(stage.upstream.requests).toHaveLength(1);
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 8_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come about within 8 s');
    await delay(20);
  }
}
