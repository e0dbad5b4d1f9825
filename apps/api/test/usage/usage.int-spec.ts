import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { addReceipt } from '../support/receipts.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('usage', () => {
  let api: TestApi;
  let owner: Person;
  let key: string;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    key = (
      await owner.post('/ai-providers', {
        name: '=cmd()',
        provider: 'openai',
        secret: 'sk-proj-0123456789abcd',
      })
    ).body.id;
    await addReceipt(api, owner, key, { at: '2026-11-01T23:59:59Z', model: 'gpt-4.1', workflowId: 'wf-1' });
    await addReceipt(api, owner, key, {
      at: '2026-11-02T00:00:00Z',
      model: 'gpt-4.1',
      workflowId: 'wf-1',
      costMicroUsd: null,
    });
    await addReceipt(api, owner, key, {
      at: '2026-11-02T10:00:00Z',
      model: 'gpt-5',
      outcome: 'failed',
      inputTokens: 90,
    });
    await addReceipt(api, owner, key, { at: '2026-10-01T10:00:00Z' });
  });
  afterAll(() => api.stop());
  const range = 'from=2026-11-01&to=2026-11-02';

  it('#52 adds up by day and key, exactly, with the name of the key', async () => {
    const { body, status } = await owner.get(`/usage?${range}`);
    expect(status).toBe(200);
    const same = { group: key, name: '=cmd()', cachedInputTokens: expect.any(Number) };
    expect(body).toMatchObject({
      from: '2026-11-01',
      to: '2026-11-02',
      groupBy: 'key',
      pricesAsOf: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      data: [
        {
          ...same,
          day: '2026-11-01',
          calls: 1,
          failedCalls: 0,
          inputTokens: 10,
          outputTokens: 3,
          costMicroUsd: 5,
          unpricedCalls: 0,
        },
        {
          ...same,
          day: '2026-11-02',
          calls: 2,
          failedCalls: 1,
          inputTokens: 100,
          outputTokens: 6,
          costMicroUsd: 5,
          unpricedCalls: 1,
        },
      ],
    });
  });

  it.each([
    ['workspace', () => [owner.workspaceId, owner.workspaceId]],
    ['model', () => ['gpt-4.1', 'gpt-5', 'gpt-4.1']],
    ['workflow', () => ['wf-1', null, 'wf-1']],
    ['token', () => [owner.userId, owner.userId]],
    ['user', () => [null, null]],
  ])('#52 groups by %s', async (group, expected) => {
    const { body } = await owner.get(`/usage?${range}&groupBy=${group}`);
    expect(body.data.map((row: { group: string | null }) => row.group)).toEqual(expected());
  });

  it('#52 filters by key and workspace; an unknown id is a 404, a deleted key keeps its receipts', async () => {
    expect(
      (await owner.get(`/usage?${range}&aiProviderId=${key}&workspaceId=${owner.workspaceId}`)).body.data,
    ).toHaveLength(2);
    expect((await owner.get(`/usage?${range}&aiProviderId=aip_nonsense`)).status).toBe(404);
    const { id } = (
      await owner.post('/ai-providers', { name: 'gone', provider: 'openai', secret: 'sk-0123456789abcdef' })
    ).body;
    const inMay = '2026-05-01';
    await addReceipt(api, owner, id, { at: `${inMay}T00:00:00Z` });
    await owner.delete(`/ai-providers/${id}`);
    const { body } = await owner.get(`/usage?from=${inMay}&to=${inMay}&aiProviderId=${id}`);
    expect(body.data).toEqual([expect.objectContaining({ group: id, name: null, calls: 1 })]);
  });

  it('#52 the same as CSV, where a name that a spreadsheet would run is text', async () => {
    const { text, headers } = await owner.get(`/usage.csv?${range}`);
    expect(headers['content-type']).toContain('text/csv');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe(
      'day,group,name,calls,failedCalls,inputTokens,outputTokens,cachedInputTokens,reasoningTokens,costMicroUsd,unpricedCalls',
    );
    expect(lines[1]).toBe(`2026-11-01,${key},'=cmd(),1,0,10,3,2,1,5,0`);
    expect(lines).toHaveLength(4);
  });

  it.each([
    'from=2026-02-30',
    'from=2026-11-02&to=2026-11-01',
    'from=2020-01-01&to=2026-01-01',
    'from=yesterday',
    'groupBy=colour',
  ])('refuses %s', async (query) => {
    expect((await owner.get(`/usage?${query}`)).status).toBe(422);
  });

  describe('#52 what the worker has added up and what it has not', () => {
    const views = [
      `/usage?${range}`,
      `/usage?${range}&groupBy=model`,
      `/usage?${range}&groupBy=workflow&aiProviderId=`,
      '/usage?interval=minute&from=2026-11-01T23:59Z&to=2026-11-02T00:00Z&groupBy=token',
      '/usage?interval=minute&from=2026-11-02&to=2026-11-02&groupBy=user',
    ];
    const answers = async () =>
      Promise.all(
        views.map(async (view) => (await owner.get(view.endsWith('=') ? view + key : view)).body as unknown),
      );
    const rollUp = (limit: number) =>
      withSuperuser(api, (pool) => pool.query('SELECT lookup.roll_up_usage($1, 3650)', [limit]));

    it('are told as one, receipt by receipt on their way from one to the other', async () => {
      const before = await answers();
      expect(before[3]).toMatchObject({
        ...{ interval: 'minute', from: '2026-11-01T23:59Z', to: '2026-11-02T00:00Z' },
        data: [
          { day: '2026-11-01', minute: '2026-11-01T23:59Z', group: owner.userId, calls: 1 },
          { day: '2026-11-02', minute: '2026-11-02T00:00Z', group: owner.userId, calls: 1, unpricedCalls: 1 },
        ],
      });
      for (let at = 0; at < 5; at += 1) {
        await rollUp(1);
        expect(await answers()).toEqual(before);
      }
      await withSuperuser(api, async (pool) => {
        const { rows } = await pool.query('SELECT 1 FROM usage_records WHERE rolled_at IS NULL');
        expect(rows).toEqual([]);
        // The receipts have had their time; what they add up to is told all the same, and so is the deleted key.
        await pool.query('DELETE FROM usage_records');
      });
      expect(await answers()).toEqual(before);
      await addReceipt(api, owner, key, { at: '2026-11-01T23:59:30Z', model: 'gpt-4.1', workflowId: 'wf-1' });
      const { body } = await owner.get(views[3]!);
      expect(body.data[0]).toMatchObject({ calls: 2, inputTokens: 20 });
    });

    it('CSV of minutes has the minute in place of the day', async () => {
      const { text } = await owner.get(views[3]!.replace('/usage?', '/usage.csv?'));
      expect(text.split('\r\n').slice(0, 2)).toEqual([
        'minute,group,name,calls,failedCalls,inputTokens,outputTokens,cachedInputTokens,reasoningTokens,costMicroUsd,unpricedCalls',
        `2026-11-01T23:59Z,${owner.userId},,2,0,20,6,4,2,10,0`,
      ]);
    });

    it.each([
      'interval=minute&from=2026-11-01&to=2026-11-02',
      'interval=hour',
      'from=2026-11-01T10:00Z',
      'interval=minute&from=2026-11-01T10:00:30Z',
    ])('refuses %s', async (query) => {
      expect((await owner.get(`/usage?${query}`)).status).toBe(422);
    });
  });

  it('another organization sees nothing of it', async () => {
    const stranger = await api.owner();
    expect((await stranger.get(`/usage?${range}`)).body.data).toEqual([]);
    expect((await stranger.get(`/usage?${range}&aiProviderId=${key}`)).status).toBe(404);
  });
});
