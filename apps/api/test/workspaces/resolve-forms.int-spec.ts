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

  it.each<[object, string]>([
    [{ tools: [{ kind: 'http', name: 'a' }] }, 'needed'],
    [{ tools: [] }, 'not needed'],
    [{ tools: [{ kind: 'mcp', name: 'a' }], needs: { tools: false } }, 'needed'],
    [{ maxOutputTokens: 1 }, 'not needed'],
  ])('%j: tools are %s', async (asked, needed) => {
    const { status, body } = await resolve({ model: 'gpt-4.1', ...asked });
    expect([status, body.ok, capability(body)]).toEqual([
      200,
      true,
      expect.stringMatching(`, ${needed}\\.$`),
    ]);
  });

  it.each<[object, string]>([
    [{ tools: [{ kind: 'soap', name: 'a' }] }, '/tools/0/kind'],
    [{ tools: [{ kind: 'http' }] }, '/tools/0/name'],
    [{ tools: [{ kind: 'http', name: 'a', url: 'https://x' }] }, '/tools/0/url'],
    [{ tools: null }, '/tools'],
    [{ tools: Array.from({ length: 129 }, () => ({ kind: 'http', name: 'a' })) }, '/tools'],
    [{ maxOutputTokens: 0 }, '/maxOutputTokens'],
    [{ maxOutputTokens: 1.5 }, '/maxOutputTokens'],
  ])('%j is refused', async (asked, pointer) => {
    const { status, body } = await resolve(asked);
    expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
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

  it('a surface has as many letters as in a run', async () => {
    expect((await resolve({ surface: 'x'.repeat(100) })).status).toBe(200);
    const long = await resolve({ surface: 'x'.repeat(101) });
    expect([long.status, long.body.errors[0].pointer]).toEqual([422, '/surface']);
  });
});
