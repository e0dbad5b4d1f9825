import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signTicket } from '#lib/access';
import { newId, toUuid } from '#lib/kernel';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
});

const sql = (text: string, ...values: unknown[]) => stage.db.query(text, [toUuid(tenant.orgId), ...values]);
const key = (more: object = {}) =>
  stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-plan-0123456789abcdef',
    baseUrl: stage.upstream.baseUrls.openai,
    ...more,
  });

/** Moves the tenant to a plan of its own with these limits. */
async function plan(limits: object): Promise<void> {
  const slug = newId('req');
  await stage.db.query('INSERT INTO plans (slug, limits) VALUES ($1, $2)', [slug, JSON.stringify(limits)]);
  await sql('UPDATE orgs SET plan = $2 WHERE org_id = $1', slug);
  await stage.notify({ orgId: tenant.orgId, topic: 'org.updated', ids: {} });
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const used = async (): Promise<number> => {
  const { rows } = await stage.db.query<{ used: number | null }>(
    `SELECT sum(used)::int AS used FROM plan_counters WHERE org_id = $1`,
    [toUuid(tenant.orgId)],
  );
  return rows[0]?.used ?? 0;
};

describe('the plan’s gate', () => {
  it('#43 a key that is one too many serves no call and no test, older ones do, and a larger plan brings it back', async () => {
    const old = await key({ name: 'Old', priority: 5 });
    const late = await key({ name: 'Late', priority: 0 });
    expect((await run(stage, tenant, AGENT)).body.served?.aiProviderId).toBe(late);
    await plan({ keys: 1 });
    expect((await run(stage, tenant, AGENT)).body.served?.aiProviderId).toBe(old);
    stage.upstream.reset();
    const refused = await run(stage, tenant, { ...AGENT, model: `@${late}/gpt-4.1-mini` });
    expect([refused.status, refused.body]).toMatchObject([
      403,
      { code: 'plan_read_only', limit: 'keys', max: 1 },
    ]);
    expect(refused.body.detail).toMatch(/"Late".*OWNER.*operator/);
    const ticket = {
      orgId: tenant.orgId,
      userId: tenant.owner.userId,
      aiProviderId: late,
      action: 'test' as const,
      expiresAt: Math.floor(Date.now() / 1_000) + 30,
    };
    const authorization = `Bearer ${signTicket(ticket, stage.ticketPrivateKeyPem)}`;
    const tested = await fetch(`${stage.url}/internal/v1/key-actions/test`, {
      method: 'POST',
      headers: { authorization },
    });
    expect([tested.status, await tested.json()]).toMatchObject([403, { code: 'plan_read_only' }]);
    expect(stage.upstream.requests).toEqual([]);
    await plan({ keys: 2 });
    expect((await run(stage, tenant, AGENT)).body.served?.aiProviderId).toBe(late);
  });

  it('#43 nothing runs in a workspace, nor for a member, that is one too many', async () => {
    await key();
    const first = await stage.tenants.workspace(tenant.orgId);
    await sql(`UPDATE workspaces SET is_default = true WHERE org_id = $1 AND id = $2`, toUuid(first));
    await plan({ workspaces: 1 });
    expect((await run(stage, tenant, AGENT)).body).toMatchObject({
      code: 'plan_read_only',
      limit: 'workspaces',
    });
    await plan({ workspaces: 2, members: 0 });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    stage.upstream.reset();
    const admin = await stage.tenants.person(tenant.orgId, 'ADMIN');
    const { token } = await stage.tenants.token(tenant.orgId, admin);
    expect((await run(stage, tenant, AGENT, { token })).body).toMatchObject({
      code: 'plan_read_only',
      limit: 'members',
    });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('#41 a model that the plan leaves out is refused, and `models` lists what runs and nothing else', async () => {
    await key({ defaultModel: 'gpt-4.1' });
    await plan({ models: ['openai/*-mini', 'anthropic/*'] });
    for (const agent of [
      { prompt: 'Hi.' },
      { ...AGENT, model: 'gpt-4.1' },
      { ...AGENT, model: 'nothing-known' },
    ]) {
      const { status, body } = await run(stage, tenant, { provider: 'openai', ...agent });
      expect([status, body]).toMatchObject([403, { code: 'plan_limit_reached', limit: 'models' }]);
    }
    expect(stage.upstream.requests).toEqual([]);
    const { body } = await call<{ data: { id: string }[]; unavailable: { id: string; code: string }[] }>(
      stage,
      tenant,
      'GET',
      '/models',
    );
    expect(body.data.length).toBeGreaterThan(0);
    for (const { id } of body.data)
      expect((await run(stage, tenant, { ...AGENT, model: id })).status).toBe(200);
    expect(body.unavailable.find(({ id }) => id === 'gpt-4.1')?.code).toBe('plan_limit_reached');
  });

  it('#41 runs older than the history days are kept and not shown', async () => {
    await key();
    const [old, fresh] = [
      (await run(stage, tenant, AGENT)).body.id,
      (await run(stage, tenant, AGENT)).body.id,
    ];
    await sql(
      `UPDATE agent_runs SET started_at = now() - interval '7 days' WHERE org_id = $1 AND id = $2`,
      toUuid(old),
    );
    const listed = async () =>
      (await call<{ data: { id: string }[] }>(stage, tenant, 'GET', '/agent-runs')).body.data.map(
        ({ id }) => id,
      );
    await plan({ historyDays: 7 });
    expect(await listed()).toEqual([fresh]);
    const refused = await call(stage, tenant, 'GET', `/agent-runs/${old}`);
    expect([refused.status, refused.body]).toMatchObject([
      403,
      { code: 'plan_limit_reached', limit: 'historyDays' },
    ]);
    await plan({ historyDays: 8 });
    expect(await listed()).toEqual([fresh, old]);
    expect((await call(stage, tenant, 'GET', `/agent-runs/${old}`)).status).toBe(200);
  });
});

describe('#42 executions over two engines at once', () => {
  it('never one more than the plan has, counted exactly, also right after a move to another plan', async () => {
    const second = await stage.second();
    await key();
    await plan({ executionsPerMonth: 10 });
    const race = async (count: number) => {
      const answers = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          run(stage, tenant, AGENT, { url: n % 2 ? second.url : stage.url }),
        ),
      );
      expect(answers.filter(({ status }) => ![200, 403].includes(status))).toEqual([]);
      for (const { body } of answers.filter(({ status }) => status === 403))
        expect(body).toMatchObject({ code: 'plan_limit_reached', limit: 'executionsPerMonth' });
      return answers.filter(({ status }) => status === 200).length;
    };
    expect(await race(40)).toBe(10);
    expect([await used(), stage.upstream.requests.length]).toEqual([10, 10]);
    await plan({ executionsPerMonth: 13 });
    expect(await race(20)).toBe(3);
    await plan({ executionsPerMonth: 4 });
    const over = await run(stage, tenant, AGENT);
    expect(over.body).toMatchObject({ code: 'plan_limit_reached', used: 13, max: 4 });
    expect([await used(), stage.upstream.requests.length]).toEqual([13, 13]);
  });
});
