import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

interface Case {
  /** What is written. */
  path: string;
  /** Where its tag is read; null: it is in the answer of a write alone. */
  read: string | null;
  write: (value: number) => [method: string, body: object];
  remove?: boolean;
}

describe('If-Match holds a write to what its caller has seen', () => {
  let api: TestApi;
  let owner: Person;
  let made = 0;
  const cases: Record<string, () => Promise<Case>> = {
    'an organization': async () => ({
      path: `/orgs/${owner.orgId}`,
      read: `/orgs/${owner.orgId}`,
      write: (value) => ['PATCH', { name: `Org ${value}` }],
    }),
    'a workspace': async () => {
      const { body } = await owner.post('/workspaces', { name: 'Staging' });
      const path = `/workspaces/${body.id}`;
      return { path, read: path, write: (value) => ['PATCH', { name: `W ${value}` }], remove: true };
    },
    'a key': async () => {
      const { body } = await owner.post('/ai-providers', {
        name: 'K',
        provider: 'openai',
        secret: 'sk-abcdefghijkl',
      });
      const path = `/ai-providers/${body.id}`;
      return { path, read: path, write: (value) => ['PATCH', { name: `K ${value}` }], remove: true };
    },
    'a member': async () => {
      const member = await joinAs(api, owner, 'MEMBER');
      const write = (value: number): [string, object] => ['PATCH', { role: value % 2 ? 'ADMIN' : 'MEMBER' }];
      return { path: `/members/${member.memberId}`, read: null, write, remove: true };
    },
    'the keys of a workspace': async () => {
      const key = await owner.post('/ai-providers', {
        name: `Handed ${(made += 1)}`,
        provider: 'openai',
        secret: 'sk-abcdefghijkl',
      });
      const path = `/workspaces/${owner.workspaceId}/ai-providers`;
      const write = (value: number): [string, object] => [
        'PUT',
        { assignments: [{ aiProviderId: key.body.id, priority: value }] },
      ];
      return { path, read: path, write };
    },
    'the gate of a provider': async () => ({
      path: '/providers/openai',
      read: null,
      write: (value) => ['PUT', { enabled: value % 2 === 0 }],
    }),
  };

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  const seq = async (): Promise<number> => (await owner.get('/audit-events/checkpoint')).body.seq;

  it.each(Object.keys(cases))('%s', async (name) => {
    const { path, read, write, remove } = await cases[name]!();
    const send = (value: number, ifMatch: string) => {
      const [method, body] = write(value);
      return owner.send(method, path, body, { 'if-match': ifMatch });
    };
    const first = await send(1, '*');
    expect(first.status).toBe(200);
    const tag = first.headers['etag'] as string;
    expect(tag).toMatch(/^"[^"]+"$/);
    if (read !== null) expect((await owner.get(read)).headers['etag']).toBe(tag);
    const second = await send(2, `"another", ${tag}`);
    expect([second.status, second.headers['etag'] === tag]).toEqual([200, false]);

    const before = await seq();
    for (const stale of [tag, '"bogus"', `W/${second.headers['etag']}`]) {
      const refused = await send(3, stale);
      expect([stale, refused.status, refused.body.code]).toEqual([stale, 412, 'precondition_failed']);
    }
    if (remove) {
      const refused = await owner.send('DELETE', path, undefined, { 'if-match': tag });
      expect([refused.status, refused.body.code]).toEqual([412, 'precondition_failed']);
    }
    expect(await seq()).toBe(before);
    if (read !== null) expect((await owner.get(read)).headers['etag']).toBe(second.headers['etag']);

    const last = { 'if-match': second.headers['etag'] as string };
    if (remove) expect((await owner.send('DELETE', path, undefined, last)).status).toBe(204);
  });

  it.each(['an organization', 'a key', 'the keys of a workspace', 'the gate of a provider'])(
    'of two writers at once on the same tag one gets through: %s',
    async (name) => {
      const { path, write } = await cases[name]!();
      const [method, body] = write(10);
      const { headers } = await owner.send(method, path, body);
      const both = await Promise.all(
        [11, 13, 15, 17].map((value) => {
          const [verb, sent] = write(value);
          return owner.send(verb, path, sent, { 'if-match': headers['etag'] as string });
        }),
      );
      expect(both.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    },
  );
});
