import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-ant-api03-never-to-be-seen-again-0123456789-Zq9f';

describe('adding a provider key', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  it('#15 answers with every field of a key and nothing of its secret but the mask', async () => {
    const answer = await owner.post('/ai-providers', { name: 'Main', provider: 'anthropic', secret: SECRET });
    expect(answer.body).toMatchObject({ name: 'Main' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^aip_/),
      orgId: owner.orgId,
      name: 'Main',
      provider: 'anthropic',
      readOnly: false,
      secretId: expect.stringMatching(/^sec_/),
      baseUrl: null,
      defaultModel: null,
      models: [],
      config: {},
      hasValue: true,
      mask: 'sk-ant-api03-…Zq9f',
      enabled: true,
      status: 'configured',
      version: 1,
      lastTestedAt: null,
      lastTestStatus: null,
      lastTestMessage: null,
      lastUsedAt: null,
      expiresAt: null,
      limits: null,
      workspaceCount: 0,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      hints: [],
    });
    expect(answer.headers['etag']).toMatch(/^"aip_.*-1"$/);
  });

  it('#44 limits are kept and shown, without a word: they are enforced', async () => {
    const body = { name: 'Limited', provider: 'anthropic', secret: SECRET, limits: { rpm: 1 } };
    const made = await owner.post('/ai-providers', body);
    expect([made.status, made.body.limits]).toEqual([201, { rpm: 1 }]);
    expect(made.body.hints).not.toContainEqual(expect.objectContaining({ pointer: '/limits' }));
    const patched = await owner.patch(`/ai-providers/${made.body.id}`, {
      limits: { rpd: 5, concurrency: 4 },
    });
    expect([patched.body.limits, patched.body.hints]).toEqual([{ rpd: 5, concurrency: 4 }, []]);
    const cleared = await owner.patch(`/ai-providers/${made.body.id}`, { clear: ['limits'] });
    expect(cleared.body.limits).toBeNull();
  });
});
