import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MINTED_TOKEN } from '#lib/testing';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
  tenant = await stage.tenants.create();
});
afterAll(() => stage?.stop());

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

it('#16 a service account is exchanged for a token of this run, and neither reaches the answer', async () => {
  const secret = JSON.stringify({
    type: 'service_account',
    client_email: 'bot@p-1.iam.example',
    private_key: pem,
    token_uri: `${stage.upstream.url}/token`,
  });
  await stage.tenants.key(tenant, {
    provider: 'vertex',
    secret,
    baseUrl: `${stage.upstream.url}/v1`,
    config: { project: 'p-1' },
  });
  stage.upstream.script({ text: `you sent ${MINTED_TOKEN}`, usage: { input: 5, output: 4 } });

  const { status, body } = await run(stage, tenant, {
    provider: 'vertex',
    model: 'gemini-2.5-flash',
    prompt: 'Hello.',
  });

  expect({ status, text: body.text }).toEqual({ status: 200, text: 'you sent [redacted]' });
  const [token, call] = stage.upstream.requests;
  expect(token?.url).toBe('/token');
  expect(token?.body).not.toContain(encodeURIComponent(pem.slice(40, 90)));
  expect(call?.url).toContain(
    '/v1/projects/p-1/locations/us-central1/publishers/google/models/gemini-2.5-flash',
  );
  expect(call?.headers).toMatchObject({ authorization: `Bearer ${MINTED_TOKEN}` });
  expect(call?.headers).not.toHaveProperty('x-goog-api-key');
  // The exchange is no model call: one attempt, one receipt.
  expect(body.usage.totalTokens).toBe(9);
});

it('#16 a service account whose tokens come from elsewhere than it was sealed for is not exchanged', async () => {
  const other = await stage.tenants.create();
  const secret = JSON.stringify({
    client_email: 'a@b',
    private_key: pem,
    token_uri: 'https://203.0.113.9/token',
  });
  const keyId = await stage.tenants.key(other, {
    provider: 'vertex',
    secret,
    baseUrl: `${stage.upstream.url}/v1`,
    config: { project: 'p-1' },
  });
  expect(keyId).toMatch(/^aip_/);
  stage.upstream.reset();
  const { status, body } = await run(stage, other, {
    provider: 'vertex',
    model: 'gemini-2.5-flash',
    prompt: 'Hi.',
  });
  expect([status, body.code]).toEqual([422, 'egress_blocked']);
  expect(stage.upstream.requests).toEqual([]);
});
