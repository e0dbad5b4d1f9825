import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { fromUuid, newId, newUuid, toUuid } from '#lib/kernel';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const MODEL = 'gpt-4.1-mini';
const AGENT = { model: MODEL, prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  stage.tools.calls.length = 0;
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-policies-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

interface PolicyInput {
  severity?: string;
  workspaceId?: string;
  tokenId?: string;
  name?: string;
  enabled?: boolean;
}

/** As the control plane writes it. */
async function policy(
  rules: object[],
  { severity = 'HIGH', name, ...more }: PolicyInput = {},
): Promise<string> {
  const id = newId('pol');
  await stage.db.query(
    `INSERT INTO policies (org_id, id, name, description, workspace_id, token_id, severity, enabled, rules)
     VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8)`,
    [
      toUuid(tenant.orgId),
      toUuid(id),
      name ?? id,
      more.workspaceId ? toUuid(more.workspaceId) : null,
      more.tokenId ? toUuid(more.tokenId) : null,
      severity,
      more.enabled ?? true,
      JSON.stringify(rules),
    ],
  );
  return id;
}

interface ViolationRow {
  policy_id: string;
  action: string;
  severity: string;
  rule_type: string;
  detail: string;
  run_id: string | null;
  principal_id: string;
  model: string | null;
}

async function violations(): Promise<ViolationRow[]> {
  const { rows } = await stage.db.query<ViolationRow>(
    'SELECT * FROM policy_violations WHERE org_id = $1 ORDER BY id',
    [toUuid(tenant.orgId)],
  );
  return rows;
}

async function audited(action: string): Promise<{ target: string; change: object }[]> {
  const { rows } = await stage.db.query<{ target: string; change: object }>(
    'SELECT target, change FROM audit_events WHERE org_id = $1 AND action = $2 ORDER BY seq',
    [toUuid(tenant.orgId), action],
  );
  return rows;
}

async function flushed(count: number): Promise<ViolationRow[]> {
  for (let tries = 0; tries < 100 && (await violations()).length < count; tries += 1) await delay(50);
  return violations();
}

const tool = (name: string) => ({
  type: 'http',
  name,
  description: 'A tool.',
  inputSchema: { type: 'object', properties: {} },
  method: 'GET',
  url: `${stage.tools.url}/x`,
});

describe('#46 severity HIGH', () => {
  it.each<[string, object, object, RegExp]>([
    ['providers', { type: 'providers', allow: ['anthropic'] }, AGENT, /provider "openai"/],
    ['models', { type: 'models', deny: ['openai/gpt-4*'] }, AGENT, /model "gpt-4.1-mini"/],
    ['surfaces', { type: 'surfaces', deny: ['chat'] }, { ...AGENT, surface: 'chat' }, /surface "chat"/],
    [
      'max_output_tokens',
      { type: 'max_output_tokens', max: 5 },
      { ...AGENT, maxOutputTokens: 6 },
      /6 output/,
    ],
    [
      'time_window',
      {
        type: 'time_window',
        days: [(new Date().getUTCDay() + 3) % 7],
        from: '10:00',
        to: '11:00',
        timeZone: 'UTC',
      },
      AGENT,
      /outside/,
    ],
  ])(
    '%s: refused with the policy, a violation, an audit row, and nothing goes upstream',
    async (type, rule, agent, why) => {
      const id = await policy([rule]);
      const { status, body } = await run(stage, tenant, agent);
      expect(body).toMatchObject({
        code: 'policy_violation',
        policy: { id, name: id },
        scope: { type: 'organization' },
        severity: 'HIGH',
        detail: expect.stringMatching(why),
      });
      expect([status, stage.upstream.requests.length]).toEqual([422, 0]);
      expect(body.detail).toMatch(/OWNER or ADMIN/);
      const [violation, ...others] = await violations();
      expect(others).toEqual([]);
      expect(violation).toMatchObject({
        action: 'blocked',
        rule_type: type,
        run_id: null,
        principal_id: tenant.tokenId,
        detail: expect.stringMatching(why),
      });
      expect(await audited('policies.Block')).toEqual([
        {
          target: id,
          change: expect.objectContaining({ workspaceId: tenant.workspaceId, severity: 'HIGH' }),
        },
      ]);
    },
  );

  it('tools are refused by name before anything goes upstream', async () => {
    await policy([{ type: 'tools', deny: ['drop_*'] }]);
    const { status, body } = await run(stage, tenant, { ...AGENT, tools: [tool('drop_tables')] });
    expect([status, body.code, stage.upstream.requests.length]).toEqual([422, 'policy_violation', 0]);
    stage.upstream.script({ text: 'Fine.' });
    expect((await run(stage, tenant, { ...AGENT, tools: [tool('read')] })).status).toBe(200);
  });

  it('an agent without a limit of its own is given the least one that is allowed', async () => {
    await policy([{ type: 'max_output_tokens', max: 77 }]);
    await policy([{ type: 'max_output_tokens', max: 66 }]);
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect(JSON.stringify(stage.upstream.requests[0])).toMatch(/max_(completion_)?(output_)?tokens\\?":66/);
    const { rows } = await stage.db.query(
      'SELECT max_output_tokens, tools FROM agent_runs WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    expect(rows).toEqual([{ max_output_tokens: null, tools: [] }]);
  });

  it('a default model that it forbids is passed over, as one that is curated out', async () => {
    await policy([{ type: 'models', allow: ['*-nano'] }]);
    const refused = await run(stage, tenant, { prompt: 'Hi.', provider: 'openai' });
    expect([refused.status, refused.body.code]).toEqual([422, 'policy_violation']);
  });
});

describe('#46 LOW is logged, MEDIUM is told, and the call goes on', () => {
  it.each([
    ['LOW', 'logged', 0],
    ['MEDIUM', 'alerted', 1],
  ])('%s', async (severity, action, events) => {
    const id = await policy([{ type: 'models', deny: ['gpt-*'] }], { severity });
    const { status, body } = await run(stage, tenant, AGENT);
    expect([status, stage.upstream.requests.length]).toEqual([200, 1]);
    const [violation] = await flushed(1);
    expect(violation).toMatchObject({ action, severity, run_id: toUuid(body.id), model: MODEL });
    expect(fromUuid('pol', violation!.policy_id)).toBe(id);
    const { rows } = await stage.db.query(
      `SELECT 1 FROM outbox_events WHERE org_id = $1 AND topic = 'policy.violated'`,
      [toUuid(tenant.orgId)],
    );
    expect(rows).toHaveLength(events);
    expect(await audited('policies.Block')).toEqual([]);
  });
});

describe('#46 scopes add and never override', () => {
  it('a workspace’s and a token’s policy refuse what the organization’s allows, and only there', async () => {
    await policy([{ type: 'models', allow: ['*'] }]);
    const other = await stage.tenants.workspace(tenant.orgId);
    const second = await stage.tenants.token(tenant.orgId, tenant.owner);
    await policy([{ type: 'models', deny: ['*mini'] }], { workspaceId: other });
    await policy([{ type: 'models', deny: ['*mini'] }], { tokenId: second.tokenId });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    const refused = await run(stage, tenant, AGENT, { token: second.token });
    expect(refused.body).toMatchObject({
      code: 'policy_violation',
      scope: { type: 'token', id: second.tokenId },
    });
    const elsewhere = await run(stage, tenant, AGENT, { workspaceId: other });
    expect(elsewhere.body.code).toBe('no_provider_key'); // the key's gate comes first
  });

  it('a lower scope that allows lifts nothing', async () => {
    await policy([{ type: 'models', deny: ['*mini'] }]);
    await policy([{ type: 'models', allow: ['*'] }], { tokenId: tenant.tokenId });
    expect((await run(stage, tenant, AGENT)).body.code).toBe('policy_violation');
  });

  it('one that is switched off, and another organization’s, say nothing', async () => {
    await policy([{ type: 'models', deny: ['*'] }], { enabled: false });
    const ours = tenant;
    tenant = await stage.tenants.create();
    await policy([{ type: 'models', deny: ['*'] }]);
    tenant = ours;
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
  });
});

describe('#49 exceptions', () => {
  const approve = (policyId: string, seconds: number, subject: object) => {
    const { workspaceId, tokenId } = subject as { workspaceId?: string; tokenId?: string };
    return stage.db.query(
      `INSERT INTO policy_approvals (org_id, id, policy_id, workspace_id, token_id, reason, expires_at, created_by)
       VALUES ($1, $2, $3, $4, $5, 'why', clock_timestamp() + make_interval(secs => $6), 'usr_x')`,
      [
        toUuid(tenant.orgId),
        newUuid(),
        toUuid(policyId),
        workspaceId ? toUuid(workspaceId) : null,
        tokenId ? toUuid(tokenId) : null,
        seconds,
      ],
    );
  };

  it('lifts the policy for its workspace and ends by itself, in both engines, when nobody tells', async () => {
    const second = await stage.second();
    const id = await policy([{ type: 'models', deny: ['*mini'] }]);
    await approve(id, 4, { workspaceId: tenant.workspaceId });
    const endMs = performance.now() + 4_000;
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    expect((await run(stage, tenant, AGENT, { url: second.url })).status).toBe(200);
    const late: number[] = [];
    while (performance.now() < endMs + 3_000) {
      const isLate = performance.now() >= endMs + 2_000;
      const answers = await Promise.all([
        run(stage, tenant, AGENT),
        run(stage, tenant, AGENT, { url: second.url }),
      ]);
      if (isLate) late.push(...answers.map(({ status }) => status));
      await delay(100);
    }
    expect(late.length).toBeGreaterThan(3);
    expect(new Set(late)).toEqual(new Set([422]));
    await second.app.close();
  });

  it('for another token, or one that has ended, lifts nothing', async () => {
    const id = await policy([{ type: 'models', deny: ['*mini'] }]);
    const second = await stage.tenants.token(tenant.orgId, tenant.owner);
    await approve(id, 600, { tokenId: second.tokenId });
    await approve(id, -1, { tokenId: tenant.tokenId });
    expect((await run(stage, tenant, AGENT)).body.code).toBe('policy_violation');
    expect((await run(stage, tenant, AGENT, { token: second.token })).status).toBe(200);
  });
});

describe('#46 in the middle of a run', () => {
  it('a policy that is made during a tool call ends the run before the next step, on record', async () => {
    stage.upstream.script({ toolCalls: [{ name: 'wait', input: {} }] }, { text: 'Must not be asked.' });
    const answer = run(stage, tenant, {
      ...AGENT,
      tools: [{ ...tool('wait'), url: `${stage.tools.url}/wait` }],
    });
    while (stage.tools.calls.length === 0) await delay(10);
    const id = await policy([{ type: 'tools', kinds: ['mcp'] }]);
    const { status, body } = await answer;
    expect([status, stage.upstream.requests.length]).toEqual([422, 1]);
    expect(body).toMatchObject({ code: 'policy_violation', policy: { id }, runId: expect.any(String) });
    expect(await violations()).toEqual([
      expect.objectContaining({ action: 'blocked', run_id: toUuid(body.runId ?? '') }),
    ]);
    expect(await audited('policies.Block')).toHaveLength(1);
  });
});

describe('#27 models', () => {
  it('tells of what a policy forbids with its code, and runs what it lists', async () => {
    await policy([{ type: 'models', deny: ['gpt-4.1*'] }]);
    const { body } = await call<{
      data: { id: string }[];
      unavailable: { id: string; provider: string; code: string; detail: string }[];
    }>(stage, tenant, 'GET', '/models');
    const barred = body.unavailable.filter(({ code }) => code === 'policy_violation');
    expect(barred.map(({ id }) => id)).toContain(MODEL);
    expect(barred[0]!.detail).toMatch(/OWNER or ADMIN/);
    expect(body.data.filter(({ id }) => id.startsWith('gpt-4.1'))).toEqual([]);
    expect((await run(stage, tenant, { ...AGENT, model: body.data[0]!.id })).body.code).not.toBe(
      'policy_violation',
    );
  });
});

describe('#38 a replay', () => {
  it('of a run that was answered before the policy gets its answer, and no violation', async () => {
    const node = newId('req');
    expect((await run(stage, tenant, AGENT, { node })).status).toBe(200);
    await policy([{ type: 'models', deny: ['*'] }]);
    await delay(2_100);
    expect((await run(stage, tenant, AGENT, { node })).status).toBe(200);
    expect(await violations()).toEqual([]);
  });
});
