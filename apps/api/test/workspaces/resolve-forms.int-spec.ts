import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('what resolve may be asked', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    const key = { name: 'K', provider: 'openai', secret: 'sk-proj-0123456789abcdefghij-Zq9f' };
    const aiProviderId = (await owner.post('/ai-providers', key)).body.id;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments: [{ aiProviderId }] });
  });
  afterAll(() => api.stop());
  const resolve = (body: object) => owner.post(`/workspaces/${owner.workspaceId}/resolve`, body);
  const capability = (body: { trace: { gate: string; detail: string }[] }) =>
    body.trace.find(({ gate }) => gate === 'capability')?.detail;

  it.each<[object, string]>([
    [{ needs: ['tools'] }, 'needed'],
    [{ needs: { tools: true } }, 'needed'],
    [{ needs: { tools: false } }, 'not needed'],
    [{ needs: {} }, 'not needed'],
    [{ needs: [] }, 'not needed'],
  ])('%j: tools are %s', async (asked, needed) => {
    const { status, body } = await resolve({ model: 'gpt-4.1', ...asked });
    expect([status, body.ok]).toEqual([200, true]);
    expect(capability(body)).toMatch(new RegExp(`, ${needed}\\.$`));
  });

  it.each<[unknown]>([
    ['tools'],
    [{ tools: 1 }],
    [{ wings: true }],
    [{ wings: false }],
    [['wings']],
    [[null]],
    [null],
  ])('needs: %j is refused', async (needs) => {
    const { status, body } = await resolve({ needs });
    expect([status, body.errors[0].pointer]).toEqual([422, '/needs']);
  });

  it('#8 a provider that is none is validation_failed with the list of valid ones, where it was named', async () => {
    for (const [body, pointer] of [
      [{ provider: 'nope' }, '/provider'],
      [{ model: '@nope/gpt-4.1' }, '/model'],
    ] as const) {
      const answer = await resolve(body);
      expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
      expect([answer.body.errors[0].pointer, answer.body.detail]).toEqual([
        pointer,
        expect.stringContaining('anthropic'),
      ]);
    }
    expect((await resolve({ model: 'no-such-model', provider: 'openai' })).body.ok).toBe(false);
  });
});
