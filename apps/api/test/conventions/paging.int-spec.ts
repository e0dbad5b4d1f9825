import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

describe('every list is paged: limit, cursor, nextCursor, hasMore', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  const pages = async (path: string): Promise<Record<string, unknown>[][]> => {
    const found: Record<string, unknown>[][] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await owner.get(`${path}?limit=2${cursor}`);
      expect([path, status, typeof body.hasMore]).toEqual([path, 200, 'boolean']);
      expect(body.hasMore).toBe(body.nextCursor !== null);
      found.push(body.data);
      if (!body.hasMore) return found;
      cursor = `&cursor=${body.nextCursor}`;
    }
  };
  const sizes = (found: unknown[][]) => found.map(({ length }) => length);

  it('sessions, the one opened last first', async () => {
    for (let n = 0; n < 4; n += 1) await api.stranger().logIn(owner.email);
    const found = await pages('/auth/sessions');
    expect(sizes(found)).toEqual([2, 2, 1]);
    const ids = found.flat().map(({ id }) => id as string);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(found.at(-1)![0]).toMatchObject({ current: true });
  });

  it('members of a workspace', async () => {
    const path = `/workspaces/${owner.workspaceId}/members`;
    const joined: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { memberId } = await joinAs(api, owner, 'MEMBER');
      await owner.put(`${path}/${memberId}`, {});
      joined.push(memberId);
    }
    const found = await pages(path);
    expect(sizes(found)).toEqual([2, 1]);
    expect(found.flat().map(({ memberId }) => memberId)).toEqual(joined.sort());
  });

  it('#31 keys of a workspace, in the order of choice, though one is taken away between two pages', async () => {
    const path = `/workspaces/${owner.workspaceId}/ai-providers`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const key = { name: `K${n}`, provider: 'openai', secret: `${SECRET}${n}` };
      ids.push((await owner.post('/ai-providers', key)).body.id);
    }
    const ranks = [
      [1, 1],
      [0, 1],
      [0, 5],
      [1, 1],
      [0, 5],
    ];
    const assignments = ids.map((aiProviderId, n) => ({
      aiProviderId,
      priority: ranks[n]![0],
      weight: ranks[n]![1],
    }));
    await owner.put(path, { assignments });
    const order = [2, 4, 1, 0, 3].map((n) => ids[n]);
    const found = await pages(path);
    expect([sizes(found), found.flat().map(({ aiProviderId }) => aiProviderId)]).toEqual([[2, 2, 1], order]);
    const { nextCursor } = (await owner.get(`${path}?limit=2`)).body;
    await owner.put(path, { assignments: assignments.filter((_, n) => n !== 4) });
    const rest = (await owner.get(`${path}?cursor=${nextCursor}`)).body.data;
    expect(rest.map((row: { aiProviderId: string }) => row.aiProviderId)).toEqual(order.slice(2));
  });

  it('a cursor of another list is 422', async () => {
    const { nextCursor } = (await owner.get('/auth/sessions?limit=1')).body;
    for (const list of ['members', 'ai-providers']) {
      const answer = await owner.get(`/workspaces/${owner.workspaceId}/${list}?cursor=${nextCursor}`);
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/cursor']);
    }
  });
});
