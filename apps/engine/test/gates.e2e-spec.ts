import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PLATFORM, type DomainEvent } from '#lib/contracts';
import { newId, toUuid } from '#lib/kernel';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

/** What no tenant's call may ever take from the environment (CATALOG.md). */
const CANARIES = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_ORG_ID',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GROQ_API_KEY',
  'OPENROUTER_API_KEY',
  'XAI_API_KEY',
  'MISTRAL_API_KEY',
  'DEEPSEEK_API_KEY',
  'AZURE_API_KEY',
  'AZURE_RESOURCE_NAME',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AI_GATEWAY_API_KEY',
  'OLLAMA_HOST',
  'OLLAMA_BASE_URL',
];
const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let canaryUrl: string;

beforeAll(async () => {
  stage = await startStage();
  // The variables that name a place lead to the recording upstream: a client that followed one would be seen.
  canaryUrl = `${stage.upstream.url}/canary`;
  for (const name of CANARIES) process.env[name] = /URL|HOST/.test(name) ? canaryUrl : `canary-${name}`;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'])
    process.env[name] = stage.upstream.url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
});

function openaiKey(extra: object = {}): Promise<string> {
  return stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-gates-0123456789abcdef',
    baseUrl: stage.upstream.baseUrls.openai,
    ...extra,
  });
}

async function expectRefusal(agent: object, status: number, code: string): Promise<string> {
  const { status: seen, headers, body } = await run(stage, tenant, agent);
  expect({ seen, code: body.code, type: headers.get('content-type') }).toEqual({
    seen: status,
    code,
    type: expect.stringContaining('application/problem+json'),
  });
  expect(stage.upstream.requests).toEqual([]);
  return body.detail ?? '';
}

/** Tells the engine of a change as the control plane does, and gives it time to hear. */
async function told(event: DomainEvent): Promise<void> {
  await stage.db.query(`SELECT pg_notify('claviger_events', $1)`, [JSON.stringify(event)]);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

describe('a refused call opens no socket and says what to do', () => {
  it.each(['gpt-4.1-mini', 'claude-sonnet-4-6', 'gemini-2.5-flash'])(
    '#30 %s without a key is no_provider_key, whatever the environment holds',
    async (model) => {
      const detail = await expectRefusal({ model, prompt: 'Hi.' }, 422, 'no_provider_key');
      expect(detail).toContain('"Production"');
      expect(detail).toMatch(/An OWNER/);
      expect(await stage.upstream.connections()).toBe(0);
    },
  );

  it('#30 nothing given and nothing assigned is no_provider_key as well', async () => {
    await expectRefusal({ prompt: 'Hi.' }, 422, 'no_provider_key');
  });

  it('#26 a key that is assigned to no workspace serves nobody', async () => {
    await openaiKey({ assign: false });
    await expectRefusal(AGENT, 422, 'no_provider_key');
  });

  it('#10 a provider that the organization switched off is provider_disabled, though there is a key', async () => {
    await openaiKey();
    await stage.db.query(
      `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'openai', false)`,
      [toUuid(tenant.orgId)],
    );
    expect(await expectRefusal(AGENT, 403, 'provider_disabled')).toMatch(/OWNER/);
  });

  it('#14 an explicit model does not pass the curated list', async () => {
    await openaiKey({ models: ['gpt-4.1'] });
    await expectRefusal(AGENT, 422, 'model_not_available');
  });

  it('a model that nobody knows is model_not_available', async () => {
    await openaiKey();
    await expectRefusal({ model: 'gpt-none', prompt: 'Hi.' }, 422, 'model_not_available');
  });

  it('#11 a model without tools on a node with tools is model_lacks_tools', async () => {
    await openaiKey({ models: ['text-embedding-3-small'] });
    const tools = [
      {
        type: 'http',
        name: 'now',
        description: 'The time.',
        inputSchema: { type: 'object' },
        method: 'GET',
        url: 'https://example.com/now',
      },
    ];
    await expectRefusal({ model: 'text-embedding-3-small', prompt: 'Hi.', tools }, 422, 'model_lacks_tools');
  });

  it('#8 an unknown provider is a fault of its field and names the valid ones', async () => {
    const { status, body } = await run(stage, tenant, { provider: 'opnai', prompt: 'Hi.' });
    expect({ status, code: body.code, errors: body.errors }).toEqual({
      status: 422,
      code: 'validation_failed',
      errors: [{ pointer: '/agent/provider', detail: expect.stringContaining('anthropic') }],
    });
  });

  it('#56 the kill switch stops every call', async () => {
    await openaiKey();
    await stage.db.query(
      `INSERT INTO platform_settings (key, value) VALUES ('kill_switch', '{"enabled": true, "reason": "drill"}')`,
    );
    try {
      expect(await expectRefusal(AGENT, 503, 'ai_disabled')).toContain('drill');
    } finally {
      await stage.db.query('DELETE FROM platform_settings');
    }
  });

  it('#56 the kill switch stops a call of a caller who is known already, as soon as the engine is told', async () => {
    await openaiKey();
    stage.upstream.script({ status: 200, text: 'Hello.' });
    expect((await run(stage, tenant, AGENT)).status).toBe(200);
    stage.upstream.reset();
    await stage.db.query(
      `INSERT INTO platform_settings (key, value) VALUES ('kill_switch', '{"enabled": true, "reason": "drill"}')`,
    );
    try {
      await told({ orgId: PLATFORM, topic: 'kill-switch.changed', ids: {} });
      await expectRefusal(AGENT, 503, 'ai_disabled');
    } finally {
      await stage.db.query('DELETE FROM platform_settings');
    }
  });

  it('a key service that is down refuses with nothing reserved', async () => {
    await openaiKey();
    await stage.db.query(`UPDATE secret_versions SET kms_ref = 'local:call:gone' WHERE org_id = $1`, [
      toUuid(tenant.orgId),
    ]);
    await expectRefusal(AGENT, 503, 'kms_unavailable');
    const { rows } = await stage.db.query('SELECT 1 FROM agent_runs WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rows).toEqual([]);
  });

  it('#42 the month’s last execution is counted exactly under parallel calls', async () => {
    await stage.db.query(
      `INSERT INTO plans (slug, limits) VALUES ('three', '{"keys":null,"workspaces":null,"members":null,"executionsPerMonth":3}') ON CONFLICT DO NOTHING`,
    );
    await stage.db.query(`UPDATE orgs SET plan = 'three' WHERE org_id = $1`, [toUuid(tenant.orgId)]);
    await openaiKey();
    const answers = await Promise.all(Array.from({ length: 12 }, () => run(stage, tenant, AGENT)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, ...Array.from({ length: 9 }, () => 403)]);
    const refused = answers.find(({ status }) => status === 403)!.body;
    expect(refused).toMatchObject({
      code: 'plan_limit_reached',
      limit: 'executionsPerMonth',
      used: 3,
      max: 3,
    });
    expect(refused.detail).toMatch(/operator/);
    expect(stage.upstream.requests).toHaveLength(3);
  });
});

describe('who may call', () => {
  it('nobody without a token, and not with one of a wrong form', async () => {
    for (const token of ['', 'clv_eng_nonsense', 'sk-something', `${tenant.token.slice(0, -1)}x`]) {
      const { status, body } = await run(stage, tenant, AGENT, { token });
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
    }
  });

  it('#7 another organization’s workspace and a malformed id answer like one that does not exist', async () => {
    const other = await stage.tenants.create();
    const bodies = [];
    for (const workspaceId of [other.workspaceId, newId('ws'), 'ws_x', 'nonsense', newId('aip')]) {
      const { status, body } = await run(stage, tenant, AGENT, { workspaceId });
      expect(status).toBe(404);
      bodies.push({ code: body.code, detail: body.detail });
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it('#6 a token of one workspace is a 404 in another, even an OWNER’s', async () => {
    const elsewhere = await stage.tenants.workspace(tenant.orgId);
    const { token } = await stage.tenants.token(tenant.orgId, tenant.owner, 'engine', elsewhere);
    expect((await run(stage, tenant, AGENT, { token })).status).toBe(404);
    expect((await run(stage, tenant, AGENT, { token, workspaceId: elsewhere })).body.code).toBe(
      'no_provider_key',
    );
  });

  it.each(['api', 'workspace'] as const)('a token of kind %s runs no agents here', async (kind) => {
    const { token } = await stage.tenants.token(tenant.orgId, tenant.owner, kind, tenant.workspaceId);
    const { status, body } = await run(stage, tenant, AGENT, { token });
    expect([status, body.code]).toEqual([403, 'forbidden']);
    expect(body.detail).toMatch(/kind "engine" \(clv_eng_…\)/);
  });

  it('#3 a MEMBER’s session needs the execute grant, the CSRF token and our own origin', async () => {
    await openaiKey();
    const member = await stage.tenants.person(tenant.orgId, 'MEMBER');
    const { cookie, csrf } = await stage.tenants.session(tenant.orgId, member);
    const post = (headers: Record<string, string>) =>
      run(stage, tenant, AGENT, { token: '', headers: { cookie, ...headers } });
    const changed = () => told({ orgId: tenant.orgId, topic: 'member.changed', ids: {} });
    const absent = await run(stage, tenant, AGENT, { workspaceId: newId('ws') });
    const notJoined = await post({ 'x-csrf-token': csrf });
    expect([notJoined.status, notJoined.body.detail]).toEqual([404, absent.body.detail]);
    await stage.tenants.grant(tenant.orgId, tenant.workspaceId, member, false);
    await changed();
    expect((await post({ 'x-csrf-token': csrf })).status).toBe(403);
    await stage.db.query('UPDATE workspace_grants SET can_execute = true WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    await changed();
    await new Promise((resolve) => setTimeout(resolve, 2_050));
    expect((await post({})).body.code).toBe('csrf_failed');
    expect((await post({ 'x-csrf-token': csrf, origin: 'https://evil.example' })).body.code).toBe(
      'csrf_failed',
    );
    expect((await post({ 'x-csrf-token': csrf, origin: 'http://localhost:3000' })).status).toBe(200);
  });

  it('is told 401 and 404 before anything is said about the body', async () => {
    expect((await run(stage, tenant, AGENT, { token: '', body: '{' })).status).toBe(401);
    expect((await run(stage, tenant, AGENT, { workspaceId: newId('ws'), body: '{' })).status).toBe(404);
    expect((await run(stage, tenant, AGENT, { body: '{' })).body.code).toBe('malformed_request');
  });
});

describe('#27 the workspace’s models', () => {
  it('are those of assigned keys; the others say why not', async () => {
    const keyId = await openaiKey({ models: ['gpt-4.1-mini'] });
    const { status, body } = await call<{
      data: { id: string; aiProviderIds: string[] }[];
      unavailable: { id: string; code: string }[];
    }>(stage, tenant, 'GET', '/models');
    expect(status).toBe(200);
    expect(body.data.map(({ id, aiProviderIds }) => ({ id, aiProviderIds }))).toEqual([
      { id: 'gpt-4.1-mini', aiProviderIds: [keyId] },
    ]);
    expect(body.unavailable).toContainEqual(
      expect.objectContaining({ id: 'claude-sonnet-4-6', code: 'no_provider_key' }),
    );
  });
});

describe('#30 with canaries in the environment', () => {
  it('every call still carries the assigned key, to the key’s own place', async () => {
    await openaiKey();
    await stage.tenants.key(tenant, {
      provider: 'anthropic',
      secret: 'sk-ant-gates-0123456789',
      baseUrl: stage.upstream.baseUrls.anthropic,
    });
    await stage.tenants.key(tenant, {
      provider: 'google',
      secret: 'AIza-gates-0123456789',
      baseUrl: stage.upstream.baseUrls.gemini,
    });
    for (const model of ['gpt-4.1-mini', 'claude-sonnet-4-6', 'gemini-2.5-flash']) {
      expect((await run(stage, tenant, { model, prompt: 'Hi.' })).status).toBe(200);
    }
    expect(stage.upstream.requests).toHaveLength(3);
    expect(JSON.stringify(stage.upstream.requests)).not.toContain('canary');
  });

  it('a key without a base URL of its own goes to the vendor, never to a variable’s place', async () => {
    await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-gates-0123456789abcdef' });
    const { body } = await run(stage, tenant, { ...AGENT, timeoutMs: 3_000 });
    expect(body.code).toMatch(/^upstream_/);
    expect(stage.upstream.requests).toEqual([]);
  });
});
