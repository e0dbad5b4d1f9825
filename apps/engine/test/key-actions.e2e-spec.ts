import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signTicket } from '#lib/access';
import type { EngineTicket, KeyTestResult, TicketAction } from '#lib/contracts';
import { newId, toUuid } from '#lib/kernel';
import { startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

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

function ticketFor(
  aiProviderId: string,
  action: TicketAction = 'test',
  extra: Partial<EngineTicket> = {},
): string {
  const expiresAt = Math.floor(Date.now() / 1_000) + 30;
  const ticket = {
    orgId: tenant.orgId,
    userId: tenant.owner.userId,
    aiProviderId,
    action,
    expiresAt,
    ...extra,
  };
  return signTicket(ticket, stage.ticketPrivateKeyPem);
}

async function post<T = KeyTestResult & { code?: string }>(
  action: TicketAction,
  ticket: string,
): Promise<{ status: number; body: T }> {
  const headers = { authorization: `Bearer ${ticket}` };
  const response = await fetch(`${stage.url}/internal/v1/key-actions/${action}`, { method: 'POST', headers });
  return { status: response.status, body: (await response.json()) as T };
}

const test = (aiProviderId: string) => post('test', ticketFor(aiProviderId));

describe.each(WIRES)('#19 testing a key over $wire', ({ provider, wire, header, value }) => {
  const secret = `sk-${provider}-tested-0123456789`;
  const make = (extra: object = {}) =>
    stage.tenants.key(tenant, {
      provider,
      secret,
      baseUrl: stage.upstream.baseUrls[wire],
      assign: false,
      ...extra,
    });

  it('asks for one token with the very key, assigned or not', async () => {
    const { status, body } = await test(await make());
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { ok: true, status: 'ok', upstreamRequestId: expect.any(String) },
    });
    expect(body.steps.map(({ name, ok }) => [name, ok])).toEqual([
      ['name', true],
      ['tls', true],
      ['auth', true],
      ['model', true],
      ['call', true],
    ]);
    expect(stage.upstream.requests).toHaveLength(1);
    expect(stage.upstream.requests[0]?.headers[header]).toBe(value(secret));
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('a refused key is an answer that names the step, and does not quote the key', async () => {
    stage.upstream.script({ status: 401, message: 'Wrong key', echoKey: 'raw' });
    const { status, body } = await test(await make());
    expect({ status, ok: body.ok, state: body.status }).toEqual({
      status: 200,
      ok: false,
      state: 'auth_failed',
    });
    expect(body.steps.at(-1)).toMatchObject({ name: 'auth', ok: false });
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('an unknown model fails at the model, a broken vendor at the call', async () => {
    stage.upstream.script({ status: 404, message: 'no such model' });
    expect((await test(await make())).body).toMatchObject({ ok: false, status: 'model_failed' });
    stage.upstream.script({ status: 500, message: 'oops' });
    const { body } = await test(await make());
    expect(body).toMatchObject({ ok: false, status: 'error' });
    expect(body.steps.map(({ name }) => name)).toEqual(['name', 'tls', 'auth', 'model', 'call']);
  });

  it('#12 lists what the vendor offers this key', async () => {
    const { status, body } = await post<{ data: { id: string }[] }>(
      'list-models',
      ticketFor(await make(), 'list-models'),
    );
    expect(status).toBe(200);
    expect(body.data.map(({ id }) => id)).toContain('gpt-4.1-mini');
    expect(stage.upstream.requests[0]?.headers[header]).toBe(value(secret));
  });
});

describe('#19 a key that cannot be reached', () => {
  const secret = 'sk-unreachable-0123456789';

  it('fails at the name when the address may not be called, with the operator’s setting', async () => {
    const { body } = await test(
      await stage.tenants.key(tenant, { provider: 'openai', secret, baseUrl: 'http://127.0.0.1:9/v1' }),
    );
    expect(body).toMatchObject({
      ok: false,
      status: 'unreachable',
      message: expect.stringContaining('CLAVIGER_EGRESS_ALLOW'),
    });
    expect(body.steps).toEqual([expect.objectContaining({ name: 'name', ok: false })]);
  });

  it('fails at the connection when nothing listens', async () => {
    const { port } = stage.tools;
    await stage.tools.stop();
    const { body } = await test(
      await stage.tenants.key(tenant, { provider: 'openai', secret, baseUrl: `http://127.0.0.1:${port}/v1` }),
    );
    expect(body).toMatchObject({ ok: false, status: 'unreachable' });
    expect(body.steps.map(({ name, ok }) => [name, ok])).toEqual([
      ['name', true],
      ['tls', false],
    ]);
  });

  it('says what to set when the key names no model', async () => {
    const key = await stage.tenants.key(tenant, {
      provider: 'custom',
      secret,
      baseUrl: stage.upstream.baseUrls.openai,
    });
    expect((await test(key)).body).toMatchObject({
      ok: false,
      status: 'model_failed',
      message: expect.stringContaining('default model'),
    });
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('the ticket', () => {
  const key = () =>
    stage.tenants.key(tenant, {
      provider: 'openai',
      secret: 'sk-ticket-0123456789',
      baseUrl: stage.upstream.baseUrls.openai,
    });

  it('must be genuine, unexpired and for this action; a token is none', async () => {
    const keyId = await key();
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const claims = {
      orgId: tenant.orgId,
      userId: tenant.owner.userId,
      aiProviderId: keyId,
      action: 'test' as const,
      expiresAt: Math.floor(Date.now() / 1_000) + 30,
    };
    const bad = [
      signTicket(claims, privateKey),
      ticketFor(keyId, 'test', { expiresAt: Math.floor(Date.now() / 1_000) - 1 }),
      ticketFor(keyId, 'list-models'),
      ticketFor(keyId, 'test', { expiresAt: Math.floor(Date.now() / 1_000) + 3_600 }),
      tenant.token,
      'x',
      '',
    ];
    for (const ticket of bad)
      expect(await post('test', ticket)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('opens nothing for another organization, for an unknown key, or for one who may no longer', async () => {
    const keyId = await key();
    const other = await stage.tenants.create();
    for (const ticket of [
      ticketFor(keyId, 'test', { orgId: other.orgId, userId: other.owner.userId }),
      ticketFor(newId('aip')),
    ]) {
      expect(await post('test', ticket)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    for (const role of ['ADMIN', 'MEMBER'] as const) {
      const { userId } = await stage.tenants.person(tenant.orgId, role);
      expect(await post('test', ticketFor(keyId, 'test', { userId }))).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    }
    expect(await post('test', ticketFor(keyId, 'test', { userId: newId('usr') }))).toMatchObject({
      status: 403,
    });
    expect(stage.upstream.requests).toEqual([]);
  });

  it('does not pass the organization’s gate, but tests a disabled key', async () => {
    const keyId = await key();
    await stage.db.query('UPDATE provider_keys SET enabled = false WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect((await test(keyId)).body.ok).toBe(true);
    await stage.db.query(
      `INSERT INTO provider_gates (org_id, provider, enabled) VALUES ($1, 'openai', false)`,
      [toUuid(tenant.orgId)],
    );
    expect(await test(keyId)).toMatchObject({ status: 403, body: { code: 'provider_disabled' } });
  });

  it.each(['test', 'list-models'] as const)('#56 stops at the kill switch: %s', async (action) => {
    const ticket = ticketFor(await key(), action);
    await stage.db.query(
      `INSERT INTO platform_settings (key, value) VALUES ('kill_switch', '{"enabled": true, "reason": "drill"}')`,
    );
    try {
      expect(await post(action, ticket)).toMatchObject({ status: 503, body: { code: 'ai_disabled' } });
      expect(stage.upstream.requests).toEqual([]);
    } finally {
      await stage.db.query('DELETE FROM platform_settings');
    }
    expect((await post(action, ticket)).status).toBe(200);
  });
});
