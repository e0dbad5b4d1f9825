import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { DomainEvent, EventTopic } from '#lib/contracts';
import { newId } from '#lib/kernel';
import { Lookups, PgPool } from '#lib/persistence';
import { deleteOrg, REVOCATIONS, sqlOf, type Victim } from './support/revocations.js';
import { frames } from './support/sse.js';
import { run, send, startStage, type CallOptions, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let victim: Victim;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  stage.tools.calls.length = 0;
  victim = await create();
  tenant = victim.tenant;
});

async function create(): Promise<Victim> {
  const fresh = await stage.tenants.create();
  const keyId = await stage.tenants.key(fresh, {
    provider: 'openai',
    secret: 'sk-revoke-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
  return { stage, tenant: fresh, keyId };
}

const sql = (text: string) => sqlOf(victim, text);

function told(topic: EventTopic): Promise<void> {
  const event: DomainEvent = { orgId: tenant.orgId, topic, ids: { aiProviderId: victim.keyId } };
  return stage.notify(event);
}

/** Warm: the state is remembered, the connection is open. */
async function warm(whose = tenant): Promise<void> {
  expect((await run(stage, whose, AGENT)).status).toBe(200);
}

describe.each(REVOCATIONS)('#28 $name', ({ topic, commit, status, code }) => {
  it('is felt at once when the change is told', async () => {
    await warm();
    await commit(victim);
    await told(topic);
    const deadline = performance.now() + 1_800;
    let answer = await run(stage, tenant, AGENT);
    while (answer.status === 200 && performance.now() < deadline) answer = await run(stage, tenant, AGENT);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.detail).toMatch(/OWNER|ADMIN|operator|sign in/i);
  });
});

it('#28 C. each of them is felt by every call that starts 2 s later when nobody tells, also under load', async () => {
  const late = await Promise.all(
    REVOCATIONS.map(async ({ name, commit }) => {
      const of = await create();
      await warm(of.tenant);
      await commit(of);
      return [name, new Set(await statusesAfter(2_000, of.tenant))];
    }),
  );
  expect(Object.fromEntries(late)).toEqual(
    Object.fromEntries(REVOCATIONS.map(({ name, status }) => [name, new Set([status])])),
  );
}, 60_000);

/** What the calls were answered that began at least so long after now; ten of them, amid others before. */
async function statusesAfter(ms: number, whose: Tenant): Promise<number[]> {
  const sinceMs = performance.now();
  const late: number[] = [];
  while (late.length < 10) {
    const isLate = performance.now() - sinceMs >= ms;
    const { status } = await run(stage, whose, AGENT);
    if (isLate) late.push(status);
    await delay(100);
  }
  return late;
}

/** A stream that the vendor never ends; answers when it was ended, and how. */
async function openStream(options: CallOptions = {}): Promise<{
  node: string;
  started: Promise<void>;
  ended: Promise<{ atMs: number; last: unknown }>;
}> {
  stage.upstream.script({ text: ['tick ', 'tock'], hang: 'body' });
  const node = newId('req');
  const body = { nodeExecutionId: node, agent: AGENT };
  const headers = { accept: 'text/event-stream', ...options.headers };
  const response = await send(stage, tenant, 'POST', '/agent-runs', { ...options, body, headers });
  let begin!: () => void;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const read = async () => {
    let last: unknown;
    for await (const frame of frames(response)) {
      if (frame.event === 'text.delta') begin();
      last = frame;
    }
    return { atMs: performance.now(), last };
  };
  return { node, started, ended: read() };
}

describe('C. an open stream', () => {
  it.each([true, false])('ends with an error frame within 7 s of a revoke (told: %s)', async (isTold) => {
    const { started, ended } = await openStream();
    await started;
    const connections = await stage.upstream.connections();
    await sql('DELETE FROM assignments WHERE org_id = $1');
    const committedMs = performance.now();
    if (isTold) await told('assignments.replaced');
    const { atMs, last } = await ended;
    expect(last).toMatchObject({
      event: 'run.failed',
      data: {
        ...{ code: 'no_provider_key', status: 422, runId: expect.any(String) },
        ...{ provider: 'openai', workspaceId: tenant.workspaceId },
      },
    });
    expect(atMs - committedMs).toBeLessThan(isTold ? 1_500 : 7_000);
    expect(await stage.upstream.connections()).toBeLessThan(connections);
  });

  it.each([true, false])('#25 ends within 7 s of the organization’s deletion (told: %s)', async (isTold) => {
    const { started, ended } = await openStream();
    await started;
    await deleteOrg(victim);
    const committedMs = performance.now();
    if (isTold) await told('org.deleted');
    const { atMs, last } = await ended;
    expect(last).toMatchObject({ event: 'run.failed', data: { code: 'unauthenticated', status: 401 } });
    expect(atMs - committedMs).toBeLessThan(isTold ? 1_500 : 7_000);
  });
});

describe('C. a session that ends', () => {
  let api: PgPool;
  beforeAll(() => {
    api = new PgPool({ databaseUrl: stage.database.apiUrl, max: 2 });
  });
  afterAll(() => api.close());

  // Nobody but the control plane's own function tells: untold, an open stream is asked for again only every 5 s.
  it.each<[string, (lookups: Lookups) => Promise<unknown>]>([
    ['logging out', async (lookups) => lookups.deleteSession(tenant.owner.userId, await sessionOf(lookups))],
    ['a new password', (lookups) => lookups.deleteOtherSessions(tenant.owner.userId, null)],
  ])('by %s ends what it runs at once, and starts nothing more', async (_how, end) => {
    const { cookie, csrf } = await stage.tenants.session(tenant.orgId, tenant.owner);
    const asSession = { token: '', headers: { cookie, 'x-csrf-token': csrf } };
    expect((await run(stage, tenant, AGENT, asSession)).status).toBe(200);
    const { started, ended } = await openStream(asSession);
    await started;
    await end(new Lookups(api));
    const committedMs = performance.now();
    const { atMs, last } = await ended;
    expect(last).toMatchObject({ event: 'run.failed', data: { code: 'unauthenticated', status: 401 } });
    expect(atMs - committedMs).toBeLessThan(1_500);
    expect((await run(stage, tenant, AGENT, asSession)).status).toBe(401);
  });

  async function sessionOf(lookups: Lookups): Promise<string> {
    const [session] = await lookups.listSessions(tenant.owner.userId);
    return session!.id;
  }
});

describe('C. a run with tools', () => {
  it.each([true, false])(
    'sends no further step once the key was taken away during a tool call (told: %s)',
    async (isTold) => {
      const inputSchema = { type: 'object', properties: {} };
      const tools = [
        {
          type: 'http',
          name: 'wait',
          description: 'Waits.',
          inputSchema,
          method: 'GET',
          url: `${stage.tools.url}/wait`,
        },
      ];
      stage.upstream.script({ toolCalls: [{ name: 'wait', input: {} }] }, { text: 'Must not be asked.' });
      const answer = run(stage, tenant, { ...AGENT, tools });
      while (stage.tools.calls.length === 0) await delay(10);
      await sql('DELETE FROM assignments WHERE org_id = $1');
      if (isTold) await told('assignments.replaced');
      expect(await answer).toMatchObject({
        status: 422,
        body: { code: 'no_provider_key', runId: expect.any(String) },
      });
      expect(stage.upstream.requests).toHaveLength(1);
    },
  );
});

describe('C. a database that does not answer', () => {
  it('is a refusal, never a stale yes', async () => {
    await warm();
    await stage.db.query(`ALTER ROLE claviger_engine NOLOGIN`);
    try {
      await stage.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'claviger_engine' AND datname = current_database()`,
      );
      await delay(2_050);
      stage.upstream.reset();
      const { status, body } = await run(stage, tenant, AGENT);
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'overloaded' });
      expect(stage.upstream.requests).toEqual([]);
    } finally {
      await stage.db.query(`ALTER ROLE claviger_engine LOGIN`);
    }
    await delay(100);
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
  });
});

describe('C. a database that takes no writes', () => {
  /** Runs can neither be begun nor ended while `fn` is under way; rights can be read. */
  async function withoutWrites<T>(fn: () => Promise<T>): Promise<T> {
    return stage.db.transaction(async (client) => {
      await client.query('LOCK TABLE agent_runs IN ACCESS EXCLUSIVE MODE');
      return fn();
    });
  }
  const stored = async (nodeExecutionId: string) => {
    const { rows } = await stage.db.query<{ status: string }>(
      'SELECT status FROM agent_runs WHERE node_execution_id = $1',
      [nodeExecutionId],
    );
    return rows[0]?.status;
  };

  it('does not keep the error frame of a revoked stream, and has it in the end', async () => {
    const { started, ended, node } = await openStream();
    await started;
    await withoutWrites(async () => {
      await sql('DELETE FROM assignments WHERE org_id = $1');
      await told('assignments.replaced');
      expect((await ended).last).toMatchObject({ event: 'run.failed', data: { code: 'no_provider_key' } });
    });
    while ((await stored(node)) !== 'failed') await delay(20);
  });

  it('reads permissions all the same, however many runs wait to be begun', async () => {
    const { started, ended } = await openStream();
    await started;
    const waiting = await withoutWrites(async () => {
      const runs = Array.from({ length: 15 }, () => run(stage, tenant, AGENT));
      await delay(500);
      await sql('DELETE FROM assignments WHERE org_id = $1');
      await told('assignments.replaced');
      expect((await ended).last).toMatchObject({ event: 'run.failed', data: { code: 'no_provider_key' } });
      return runs;
    });
    await Promise.all(waiting);
  });

  it('refuses a run by name, sends nothing, and leaves none behind that looks under way', async () => {
    await warm();
    stage.upstream.reset();
    const node = newId('req');
    await withoutWrites(async () => {
      const { status, body } = await run(stage, tenant, AGENT, { node });
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'overloaded' });
    });
    while ((await stored(node)) !== 'failed') await delay(20);
    expect(stage.upstream.requests).toEqual([]);
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
  });
});
