import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { addPolicy } from './support/policies.js';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const LLAMA = '@cf/meta/llama-3.1-8b-instruct';
const secret = 'sk-model-ids-0123456789abcdef';

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

const key = (provider: string, extra: object = {}) =>
  stage.tenants.key(tenant, { provider, secret, baseUrl: stage.upstream.baseUrls.openai, ...extra });
const ask = (more: object) => run(stage, tenant, { prompt: 'Hi.', ...more });
const sentModel = () =>
  (JSON.parse(stage.upstream.requests.at(-1)?.body ?? '{}') as { model?: string }).model;

/** What the run left, once it is flushed. */
async function receipts(): Promise<object[]> {
  for (let tries = 0; ; tries += 1) {
    const { rows } = await stage.db.query<object>(
      'SELECT price, cost_micro_usd AS cost FROM usage_records WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    if (rows.length > 0 || tries > 100) return rows;
    await delay(50);
  }
}

describe('#13 a model id that begins with an @', () => {
  it.each<[string, object, object]>([
    ['as the default', { defaultModel: LLAMA }, {}],
    ['by name', { models: [LLAMA] }, { model: LLAMA }],
    ['with its provider, uncurated', {}, { model: LLAMA, provider: 'custom' }],
    ['behind its provider, uncurated', {}, { model: `@custom/${LLAMA}` }],
    ['of which another provider has the name', {}, { model: '@custom/@openai/gpt-4.1' }],
  ])('%s: runs, and goes upstream to the letter', async (_name, extra, asked) => {
    await key('custom', extra);
    await key('openai', { priority: 1 });
    const { status, body } = await ask(asked);
    const model = 'model' in asked && String(asked.model).includes('openai') ? '@openai/gpt-4.1' : LLAMA;
    expect([status, body.served, sentModel()]).toEqual([
      200,
      expect.objectContaining({ provider: 'custom', model }),
      model,
    ]);
  });

  it('is judged by policies as what is sent, and a provider with a typo goes nowhere', async () => {
    await key('custom');
    await addPolicy(stage, tenant, [{ type: 'models', deny: ['custom/@cf/*', 'custom/gpt-4.1'] }]);
    const denied = await ask({ model: `@custom/${LLAMA}` });
    expect([denied.status, denied.body]).toMatchObject([422, { code: 'policy_violation' }]);
    const { status, body } = await ask({ model: '@opnai/gpt-4.1' });
    expect([status, body]).toMatchObject([422, { code: 'validation_failed' }]);
    expect(stage.upstream.requests).toEqual([]);
    // The fence reads no pin out of what was chosen, either.
    expect((await ask({ model: '@custom/@openai/gpt-4.1' })).status).toBe(200);
  });
});

it('#20 a key that was sent for a provider comes back in no answer', async () => {
  await key('openai');
  const { status, body } = await ask({ model: 'gpt-4.1', provider: 'sk-ant-api03-misplaced' });
  expect([status, body]).toMatchObject([422, { code: 'validation_failed' }]);
  expect(JSON.stringify(body)).not.toContain('misplaced');
});

it('#53 a long prompt is charged by its tier, and its receipt keeps the price with it', async () => {
  await key('openai');
  stage.upstream.script({ text: 'Long.', usage: { input: 300_000, output: 10_000 } });
  const { body } = await ask({ model: 'gpt-5.4' });
  expect(body.usage.costMicroUsd).toBe(1_725_000);
  const rows = await receipts();
  expect(rows).toMatchObject([{ cost: '1725000', price: { tiers: [{ aboveInputTokens: 271_999 }] } }]);
});

it('a surface has as many letters in a run as in a question about one', async () => {
  await key('openai');
  expect((await ask({ model: 'gpt-4.1', surface: 'x'.repeat(100) })).status).toBe(200);
  expect((await ask({ model: 'gpt-4.1', surface: 'x'.repeat(101) })).status).toBe(422);
});
