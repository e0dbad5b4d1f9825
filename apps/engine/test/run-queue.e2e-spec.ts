import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { addPolicy } from './support/policies.js';
import { until } from './support/until.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const ASYNC = { prefer: 'respond-async' };

/** The first engine accepts only; the second has two slots, and one for each workspace. */
let stage: Stage;
let tenant: Tenant;
let taker: string;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  taker = (await stage.second({ runSlots: 2, runSlotsPerWorkspace: 1 })).url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await furnished();
});

async function furnished(): Promise<Tenant> {
  const made = await stage.tenants.create();
  await stage.tenants.key(made, {
    provider: 'openai',
    secret: 'sk-queue-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
  return made;
}

const post = (to: Tenant, prompt = 'Hi.', more: object = {}) =>
  run(stage, to, { ...AGENT, prompt, ...more }, { headers: ASYNC });
const answerOf = async (of: Tenant, id: string, url = stage.url) =>
  (await call(stage, of, 'GET', `/agent-runs/${id}?wait=15`, { url })).body;
const kept = async (id: string) =>
  (await stage.db.query('SELECT 1 FROM run_requests WHERE run_id = $1', [toUuid(id)])).rowCount;

/** While `work` goes on, no process gets a turn of this workspace: the lock that claims take is held. */
function withoutTurns<T>(of: Tenant, work: () => Promise<T>): Promise<T> {
  return stage.db.transaction(async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('claviger run turns ' || $1, 0))`, [
      toUuid(of.workspaceId),
    ]);
    return work();
  });
}

async function rowOf(id: string) {
  const { rows } = await stage.db.query<{ status: string; code: string | null }>(
    `SELECT status, error ->> 'code' AS code FROM agent_runs WHERE id = $1`,
    [toUuid(id)],
  );
  return rows[0]!;
}

describe('#37 a run that waits for its turn', () => {
  it('is accepted by one process and run by another; what it was asked is gone with its end', async () => {
    stage.upstream.script({ text: 'Later.', delayMs: 200 });
    const { status, body, headers } = await post(tenant);
    expect(status).toBe(202);
    expect(['queued', 'running']).toContain(body.status);
    expect(headers.get('location')).toContain(body.id);
    expect(await answerOf(tenant, body.id)).toMatchObject({ status: 'succeeded', text: 'Later.' });
    expect(await kept(body.id)).toBe(0);
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('what would be refused is refused at once, and no row is made', async () => {
    const refused = await post(tenant, 'Hi.', { model: 'claude-sonnet-4-6' });
    expect(refused.body.code).toBe('no_provider_key');
    const { rowCount } = await stage.db.query('SELECT 1 FROM agent_runs WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rowCount).toBe(0);
  });

  it('equal posts are one run with one answer', async () => {
    const agent = { ...AGENT, prompt: 'Equal.' };
    const posts = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        run(stage, tenant, agent, {
          headers: ASYNC,
          node: 'equal',
          url: index % 2 === 0 ? stage.url : taker,
        }),
      ),
    );
    expect(new Set(posts.map(({ body }) => body.id)).size).toBe(1);
    await answerOf(tenant, posts[0]!.body.id);
    expect(stage.upstream.requests).toHaveLength(1);
  });

  it('a queue of one tenant makes another’s first run wait for less than two job lengths; no workspace has more than its slots', async () => {
    const [rival, jobMs] = [await furnished(), 400];
    let most = 0;
    let open = 0;
    stage.upstream.respond(({ lastUserText }) => {
      if (lastUserText === 'long queue') {
        most = Math.max(most, (open += 1));
        setTimeout(() => (open -= 1), jobMs - 20);
      }
      return { text: 'Done.', delayMs: jobMs };
    });
    await Promise.all(Array.from({ length: 12 }, () => post(tenant, 'long queue')));
    await until(() => stage.upstream.requests.length > 0);
    const { body } = await post(rival, 'first of mine');
    const said = () => stage.upstream.requests.map((request) => request.body.includes('first of mine'));
    const before = said().length;
    await answerOf(rival, body.id);
    // The job that is under way, and one more at most, began before it.
    expect(said().indexOf(true) - before).toBeLessThan(2);
    const { rows } = await stage.db.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM agent_runs WHERE org_id = $1 AND status = 'queued'`,
      [toUuid(tenant.orgId)],
    );
    expect(rows[0]!.n).toBeGreaterThan(4);
    await stage.db.query(
      `UPDATE agent_runs SET status = 'cancelled', finished_at = now() WHERE org_id = $1 AND status = 'queued'`,
      [toUuid(tenant.orgId)],
    );
    expect(most).toBe(1);
    await until(async () => (await stage.upstream.connections()) === 0 || open === 0);
    stage.upstream.respond(() => undefined);
  });

  it.each([
    ['a revoked token', 'UPDATE tokens SET revoked_at = now() WHERE org_id = $1', 'unauthenticated'],
    ['a key that was taken away', 'DELETE FROM assignments WHERE org_id = $1', 'no_provider_key'],
  ])('#38 %s stops what waits, by name, and nothing is sent', async (_, sql, code) => {
    const { body } = await withoutTurns(tenant, async () => {
      const posted = await post(tenant);
      await stage.db.query(sql, [toUuid(tenant.orgId)]);
      return posted;
    });
    expect(body.status).toBe('queued');
    await until(async () => (await rowOf(body.id)).status === 'failed');
    expect((await rowOf(body.id)).code).toBe(code);
    const mine = stage.upstream.requests.filter(({ headers }) => headers['x-client-request-id'] === body.id);
    expect([mine, await kept(body.id)]).toEqual([[], 0]);
  });
});

describe('#37 cancelling across processes', () => {
  it('a run that waits is over at once', async () => {
    await withoutTurns(tenant, async () => {
      const { body } = await post(tenant);
      const cancelled = await call(stage, tenant, 'POST', `/agent-runs/${body.id}/cancel`);
      expect(cancelled.body).toMatchObject({ status: 'cancelled', error: { code: 'run_cancelled' } });
      expect(await kept(body.id)).toBe(0);
    });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('a run of another process: its upstream call is closed within a second, what was said is billed', async () => {
    stage.upstream.script({ text: ['Some text, ', 'and more'], hang: 'body' });
    const { body } = await post(tenant);
    await until(() => stage.upstream.requests.length === 1);
    await until(async () => (await stage.upstream.connections()) === 1);
    const asked = performance.now();
    const cancelled = await call(stage, tenant, 'POST', `/agent-runs/${body.id}/cancel`);
    await until(async () => (await stage.upstream.connections()) === 0);
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', error: { code: 'run_cancelled' } });
    await until(async () => {
      const { rows } = await stage.db.query<{ outcome: string; output_tokens: number }>(
        'SELECT outcome, output_tokens FROM usage_records WHERE org_id = $1',
        [toUuid(tenant.orgId)],
      );
      return rows[0]?.outcome === 'aborted' && rows[0].output_tokens > 0;
    });
  });
});

describe('#48 a run of which not all may be kept', () => {
  const CANARY = 'canary-5f1d-prompt';
  /** Everything that the database holds, as text. */
  const dump = async () => {
    const tables = await stage.db.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts = await Promise.all(
      tables.rows.map(({ name }) => stage.db.query<object>(`SELECT t::text FROM ${name} t`)),
    );
    return JSON.stringify(texts.map(({ rows }) => rows));
  };

  it.each(['metadata', 'none'])(
    'begins at once in the memory of the process; its prompt is nowhere (%s)',
    async (content) => {
      await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
      stage.upstream.script({ text: [`${CANARY} said again`, ' and on'], pieceDelayMs: 300 });
      const { status, body } = await post(tenant, CANARY);
      expect([status, body.status]).toEqual([202, 'running']);
      await until(() => stage.upstream.requests.length === 1);
      expect(await dump()).not.toContain(CANARY);
      const done = await answerOf(tenant, body.id);
      expect(done.status).toBe('succeeded');
      expect(await dump()).not.toContain(CANARY);
    },
  );

  it('nor does a header of a tool wait in the database that may be somebody’s password; a run that may be kept is seen there', async () => {
    const tool = (headers: object) => ({
      tools: [
        {
          ...{ type: 'http', name: 'weather', description: 'Weather.', method: 'GET', headers },
          ...{ inputSchema: { type: 'object' }, url: `${stage.tools.url}/weather` },
        },
      ],
    });
    const [secret, plain] = await withoutTurns(tenant, async () => {
      const kinds = [{ 'x-api-key': CANARY }, { accept: 'text/plain' }];
      const posted = [];
      for (const headers of kinds) posted.push((await post(tenant, 'Weather?', tool(headers))).body);
      expect(await dump()).not.toContain(CANARY);
      expect(await dump()).toContain('Weather?');
      return posted;
    });
    expect([secret!.status, plain!.status]).toEqual(['running', 'queued']);
    await answerOf(tenant, plain!.id);
  });
});
