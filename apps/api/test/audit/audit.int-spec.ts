import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyAuditExport } from '#lib/persistence';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

interface Event {
  seq: number;
  action: string;
  hash: string;
}

describe('audit', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    for (const name of ['One', 'Two', 'Three']) await owner.patch(`/orgs/${owner.orgId}`, { name });
    await owner.post('/invites', {});
  });
  afterAll(() => api.stop());

  it('#54 every change has its event, with actor, target, request id and address', async () => {
    const answer = await owner.send(
      'PATCH',
      `/orgs/${owner.orgId}`,
      { name: 'Four' },
      { 'x-request-id': 'my-request-1' },
    );
    expect(answer.status).toBe(200);
    const [event] = (await owner.get('/audit-events?limit=1')).body.data;
    expect(event).toMatchObject({
      action: 'orgs:UpdateOrg',
      actor: owner.userId,
      target: owner.orgId,
      requestId: 'my-request-1',
      ip: '127.0.0.1',
      change: { name: { before: 'Three', after: 'Four' } },
    });
  });

  it('pages newest first without gaps or repeats, and filters', async () => {
    const seen: Event[] = [];
    let cursor: string | null = '';
    do {
      const page: { data: Event[]; nextCursor: string | null } = (
        await owner.get(`/audit-events?limit=2${cursor && `&cursor=${cursor}`}`)
      ).body;
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.map((event) => event.seq)).toEqual(seen.map((_, index) => seen.length - index));
    const filtered = (await owner.get('/audit-events?action=orgs:UpdateOrg')).body.data;
    expect(filtered.length).toBeGreaterThanOrEqual(3);
    expect(filtered.every((event: Event) => event.action === 'orgs:UpdateOrg')).toBe(true);
    expect((await owner.get('/audit-events?to=2020-01-01T00:00:00Z')).body.data).toEqual([]);
    expect((await owner.get('/audit-events?cursor=nonsense')).status).toBe(422);
    expect((await owner.get('/audit-events?from=yesterday&limit=0&foo=1')).body.errors).toHaveLength(3);
  });

  it('#54 exports NDJSON, oldest first, ending at the checkpoint', async () => {
    const answer = await owner.get('/audit-events/export');
    expect(answer.headers['content-type']).toContain('application/x-ndjson');
    const lines: Event[] = String(answer.text ?? answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const checkpoint = (await owner.get('/audit-events/checkpoint')).body;
    expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.at(-1)).toMatchObject({ seq: checkpoint.seq, hash: checkpoint.hash });
  });

  it('#9 the export is checked offline: each altered, removed or cut off line is named', async () => {
    const text: string = (await owner.get('/audit-events/export')).text;
    const lines = text.trim().split('\n');
    const { seq, hash, signed } = (await owner.get('/audit-events/checkpoint')).body;
    expect(signed).toBeNull();
    const head = { seq, hash: Buffer.from(hash, 'hex') };
    const badSeq = async (changed: string[]) => {
      const verdict = await verifyAuditExport(changed, owner.orgId, [head]);
      return verdict.ok ? verdict.head.seq : -verdict.firstBadSeq;
    };
    expect(await badSeq(lines)).toBe(lines.length);
    for (const [index, line] of lines.entries()) {
      const put = (...by: string[]) => [...lines.slice(0, index), ...by, ...lines.slice(index + 1)];
      expect(await badSeq(put(line.replace(/"actor":"./, '"actor":"x')))).toBe(-(index + 1));
      expect(await badSeq(put(line.replace(/"change":\{/, '"change":{"x": 1, ')))).toBe(-(index + 1));
      expect(await badSeq(put())).toBe(-(index + 1));
      expect(await badSeq(lines.slice(0, index))).toBe(-(index + 1));
    }
  });

  it('#7 shows another organization nothing of it', async () => {
    const stranger = await api.owner();
    const text =
      (await stranger.get('/audit-events')).text + (await stranger.get('/audit-events/export')).text;
    expect(text).not.toContain(owner.orgId);
  });
});
