import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('#5 permissions of a token as plain strings', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const make = (permissions: unknown) => owner.post('/tokens', { name: 't', kind: 'api', permissions });
  const all = { effect: 'Allow', resources: ['*'] };

  it.each<[string, unknown[], object[]]>([
    ['a string', ['aiProviders:ListAiProviders'], [{ ...all, actions: ['aiProviders:ListAiProviders'] }]],
    [
      'the kebab spelling',
      ['ai-providers:ListAiProviders'],
      [{ ...all, actions: ['aiProviders:ListAiProviders'] }],
    ],
    ['a glob', ['ai-providers:List*'], [{ ...all, actions: ['aiProviders:List*'] }]],
    [
      'a statement that says its actions alone',
      [{ actions: ['ai-providers:ListAiProviders'] }],
      [{ ...all, actions: ['aiProviders:ListAiProviders'] }],
    ],
    [
      'both mixed',
      ['aiProviders:*', { effect: 'Deny', actions: ['aiProviders:Delete*'] }],
      [
        { ...all, actions: ['aiProviders:*'] },
        { effect: 'Deny', resources: ['*'], actions: ['aiProviders:Delete*'] },
      ],
    ],
  ])('%s is taken, kept in the one form, and holds', async (_what, sent, kept) => {
    const { status, body } = await make(sent);
    expect([status, body.permissions]).toEqual([201, kept]);
    const listed = (await owner.get('/tokens?limit=200')).body.data;
    expect(listed.find(({ id }: { id: string }) => id === body.id).permissions).toEqual(kept);
    const caller = owner.withToken(body.token);
    expect([(await caller.get('/ai-providers')).status, (await caller.get('/members')).status]).toEqual([
      200, 403,
    ]);
  });

  it.each<[unknown, string]>([
    [['aiProviders:ListAiProviders', 'keys:Steal'], '/permissions/1'],
    [['aiProviders:ListAiProviders', null], '/permissions/1'],
    [[['aiProviders:ListAiProviders']], '/permissions/0'],
    [[7], '/permissions/0'],
    ['aiProviders:ListAiProviders', '/permissions'],
    [{ actions: ['aiProviders:*'] }, '/permissions'],
    [[{}], '/permissions/0/actions'],
    [[{ actions: ['aiProviders:*'], effect: 'Maybe' }], '/permissions/0/effect'],
    [[{ actions: ['aiProviders:*'], effect: null }], '/permissions/0/effect'],
    [[{ actions: ['aiProviders:*'], resources: [] }], '/permissions/0/resources'],
    [[{ actions: ['aiProviders:*'], zz: 1 }], '/permissions/0/zz'],
  ])('%j is refused at %s', async (permissions, pointer) => {
    const { status, body } = await make(permissions);
    expect([status, body.errors.map((fault: { pointer: string }) => fault.pointer)]).toEqual([
      422,
      [pointer],
    ]);
  });
});
