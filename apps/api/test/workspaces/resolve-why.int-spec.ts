import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeKms } from '#lib/testing';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

// The SDK of the KMS takes its credentials from the environment of the process.
process.env.AWS_ACCESS_KEY_ID = 'AKIDPLATFORM';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

describe('A: "why this key?"', () => {
  let api: TestApi;
  let kms: FakeKms;
  let owner: Person;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    kms = await FakeKms.start();
    const env = {
      ...{ CLAVIGER_KMS: 'aws', CLAVIGER_KMS_KEY_ID: kms.keyArn, CLAVIGER_ORG_KMS: 'off' },
      ...{ AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_KMS: kms.url },
    };
    api = await startTestApi({ env });
    owner = await api.owner();
    for (const [name, provider, more] of [
      ['main', 'openai', { limits: { rpm: 60 } }],
      ['spare', 'openai', {}],
      ['off', 'openai', {}],
      ['listed', 'openai', { models: ['gpt-5'] }],
      ['claude', 'anthropic', {}],
    ] as const) {
      const secret = `sk-why-${name}-0123456789abcdefghij`;
      const { status, body } = await owner.post('/ai-providers', { name, provider, secret, ...more });
      expect([status, body.detail]).toEqual([201, undefined]);
      ids[name] = body.id;
    }
    await owner.patch(`/ai-providers/${ids['off']}`, { enabled: false });
    const assignments = Object.values(ids).map((aiProviderId, priority) => ({ aiProviderId, priority }));
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments });
  });
  afterAll(async () => {
    await api?.stop();
    await kms?.stop();
  });

  it('explains every gate, the choice, what was passed over and why, and the head-room, and opens nothing', async () => {
    const before = kms.calls.length;
    expect(before).toBeGreaterThanOrEqual(5);
    const answer = await owner.post(`/workspaces/${owner.workspaceId}/resolve`, { model: 'gpt-4.1' });
    const { body } = answer;
    expect([answer.status, body.ok, body.code]).toEqual([200, true, null]);
    const gates = [
      ...'kill_switch token provider org_gate key plan policy curated capability'.split(' '),
      ...'rate executions budget'.split(' '),
    ];
    expect(body.trace.map(({ gate }: { gate: string }) => gate)).toEqual(gates);
    expect(body.choice).toEqual({
      ...{ aiProviderId: ids['main'], name: 'main', provider: 'openai', model: 'gpt-4.1' },
      ...{ keyVersion: 1, step: 1 },
    });
    expect(body.alternatives.map(({ name }: { name: string }) => name)).toEqual(['spare']);
    expect(body.passedOver).toEqual([
      {
        ...{
          aiProviderId: ids['off'],
          name: 'off',
          provider: 'openai',
          gate: 'key',
          code: 'no_provider_key',
        },
        detail: expect.stringMatching(/"off" .* is disabled; an OWNER can enable it/),
      },
      {
        ...{ aiProviderId: ids['listed'], name: 'listed', provider: 'openai', gate: 'curated' },
        ...{
          code: 'model_not_available',
          detail: expect.stringMatching(/curated models of the key "listed".*OWNER/),
        },
      },
      {
        ...{ aiProviderId: ids['claude'], name: 'claude', provider: 'anthropic', gate: 'curated' },
        ...{ code: 'model_not_available', detail: expect.stringMatching(/Anthropic has no model "gpt-4.1"/) },
      },
    ]);
    expect(body.headRoom).toEqual([
      expect.objectContaining({ scope: 'key', id: ids['main'], metric: 'rpm', limit: 60, used: 0, left: 60 }),
    ]);
    expect(kms.calls.length - before).toBe(0);
  });

  it('says of a refusal what stops each key, and opens nothing either', async () => {
    const before = kms.calls.length;
    const path = `/workspaces/${owner.workspaceId}/resolve`;
    const { body } = await owner.post(path, { model: 'gpt-4.1', provider: 'google' });
    expect([body.ok, body.code, body.headRoom]).toEqual([false, 'no_provider_key', []]);
    expect(body.passedOver).toHaveLength(5);
    for (const { gate, code, detail } of body.passedOver)
      expect([gate, code, detail]).toEqual([
        'provider',
        null,
        expect.stringMatching(/names the provider "google"/),
      ]);
    expect(kms.calls.length - before).toBe(0);
    // Not one of all the calls was one that opens.
    expect(new Set(kms.calls.map(({ operation }) => operation))).toEqual(new Set(['GenerateDataKey']));
  });
});
