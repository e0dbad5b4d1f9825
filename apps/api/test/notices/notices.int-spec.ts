import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#lib/kernel';
import { writeDueNotices } from '../support/notices.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-21T10:00:00Z');

describe('notices to OWNERs', () => {
  let api: TestApi;
  let owner: Person;
  let second: Person;
  const clock = new ManualClock(START);

  beforeAll(async () => {
    api = await startTestApi({ clock });
    owner = await api.owner();
    second = await joinAs(api, owner, 'OWNER');
  });
  afterAll(() => api.stop());

  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS).toISOString();
  const addKey = async (name: string, days: number): Promise<string> => {
    const secret = 'sk-notice-0123456789abcdef';
    const body = { name, provider: 'openai', secret, expiresAt: inDays(days) };
    return (await owner.post('/ai-providers', body)).body.id;
  };
  const tick = () => writeDueNotices(api, clock.now());
  const open = async (who = owner) => (await who.get('/notices')).body.data;

  it('says which key ends when, under the key’s name, and only the latest of each key', async () => {
    const id = await addKey('Main', 20);
    await tick();
    expect(await open()).toEqual([
      {
        id: expect.stringMatching(/^ntc_/),
        kind: 'aiProvider.expiring',
        level: 'info',
        subjectId: id,
        subjectName: 'Main',
        expiresAt: inDays(20),
        daysBefore: 30,
        threshold: null,
        createdAt: START.toISOString(),
      },
    ]);
    clock.advance(15 * DAY_MS);
    await tick();
    expect((await open()).map(({ daysBefore }: { daysBefore: number }) => daysBefore)).toEqual([7]);
    await owner.delete(`/ai-providers/${id}`);
    expect(await open()).toEqual([]);
  });

  it('one OWNER dismisses for all, once in the audit log, and the next threshold speaks again', async () => {
    await addKey('Shared', 5);
    await tick();
    const [{ id }] = await open();
    const answers = await Promise.all([owner, second].map((who) => who.post(`/notices/${id}/dismiss`)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    expect([await open(), await open(second)]).toEqual([[], []]);
    const log = (await owner.get('/audit-events?action=notices:DismissNotice')).body.data;
    expect(log).toHaveLength(1);
    clock.advance(4.5 * DAY_MS);
    await tick();
    expect(await open(second)).toMatchObject([{ level: 'critical', daysBefore: 1 }]);
    clock.advance(DAY_MS);
    await tick();
    expect(await open()).toMatchObject([{ kind: 'aiProvider.expired', daysBefore: 0 }]);
  });

  it('falls silent at once when the key is disabled or gets another date', async () => {
    const [{ subjectId }] = await open();
    await owner.patch(`/ai-providers/${subjectId}`, { enabled: false });
    expect(await open()).toEqual([]);
    await owner.patch(`/ai-providers/${subjectId}`, { enabled: true, expiresAt: inDays(90) });
    expect(await open()).toEqual([]);
    await tick();
    expect(await open()).toEqual([]);
    clock.advance(61 * DAY_MS);
    await tick();
    expect(await open()).toMatchObject([{ daysBefore: 30 }]);
  });

  it('pages without gaps or repeats', async () => {
    for (const name of ['A', 'B', 'C', 'D']) await addKey(name, 3);
    await tick();
    const all = (await open()).map(({ id }: { id: string }) => id);
    const first = (await owner.get('/notices?limit=3')).body;
    const rest = (await owner.get(`/notices?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(all);
    expect([first.hasMore, rest.hasMore, all.length]).toEqual([true, false, 5]);
  });

  it('#2 #7 of keys are for the OWNERs of the organization alone', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    expect(await open(admin)).toEqual([]);
    const [{ id }] = await open();
    const stranger = await api.owner();
    expect(await open(stranger)).toEqual([]);
    const foreign = await stranger.post(`/notices/${id}/dismiss`);
    const unknown = await stranger.post(`/notices/${newId('ntc')}/dismiss`);
    expect([foreign.status, foreign.body.detail]).toEqual([404, unknown.body.detail]);
    expect((await open()).some((notice: { id: string }) => notice.id === id)).toBe(true);
  });
});
