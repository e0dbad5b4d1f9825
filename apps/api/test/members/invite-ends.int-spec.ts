import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { ManualClock, toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const DAY_MS = 86_400_000;

describe('#4 an invite link ends by itself', () => {
  const clock = new ManualClock(new Date());
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi({ clock });
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS).toISOString();
  const make = async (by: Person, body: object = {}) => (await by.post('/invites', body)).body;
  const listed = async (id: string) =>
    (await owner.get('/invites')).body.data.find((row: { id: string }) => row.id === id);
  /** What looking at a link and accepting it are answered, by somebody who is no member. */
  const tried = async ({ token }: { token: string }): Promise<unknown> => {
    const person = await api.owner();
    const told = ({ status, body: { code, detail } }: Response) => ({ status, code, detail });
    const [looked, accepted] = [
      told(await person.get(`/invites/${token}/accept`)),
      told(await person.post(`/invites/${token}/accept`)),
    ];
    if (looked.status === 200) return [200, accepted.status];
    expect(accepted).toEqual(looked);
    return looked;
  };
  const refused = (detail: RegExp) => ({
    ...{ status: 403, code: 'forbidden' },
    detail: expect.stringMatching(detail),
  });

  it('after 7 days, or when it was made to end, 30 days on at the latest; the list shows when', async () => {
    const plain = await make(owner);
    expect(plain.expiresAt).toBe(inDays(7));
    expect(await listed(plain.id)).toMatchObject({ expiresAt: inDays(7) });
    const longest = await make(owner, { expiresAt: inDays(30) });
    expect(longest.expiresAt).toBe(inDays(30));
    const tooLong = await owner.post('/invites', { expiresAt: inDays(30.001) });
    expect([tooLong.status, tooLong.body.errors]).toEqual([
      422,
      [{ pointer: '/expiresAt', detail: expect.stringContaining('30 days') }],
    ]);
  });

  it('and says so to whoever opens it later; nobody joins', async () => {
    const [ending, lasting] = [await make(owner), await make(owner, { expiresAt: inDays(8) })];
    expect(await tried(ending)).toEqual([200, 201]);
    clock.advance(7 * DAY_MS);
    expect(await tried(ending)).toEqual(
      refused(/^This invite ended on \d{4}-\d\d-\d\d\. Ask .* another one/),
    );
    expect(await tried(lasting)).toEqual([200, 201]);
    expect(await listed(ending.id)).toMatchObject({ uses: 1 });
  });

  it('when its maker is demoted or removed: switched off in the same change, and not to be switched on', async () => {
    for (const end of ['demoted', 'removed']) {
      const admin = await joinAs(api, owner, 'ADMIN');
      const [link, others] = [await make(admin), await make(owner)];
      expect(await tried(link)).toEqual([200, 201]);
      const path = `/members/${admin.memberId}`;
      const ended = await (end === 'demoted' ? owner.patch(path, { role: 'MEMBER' }) : owner.delete(path));
      expect(ended.status).toBeLessThan(300);
      expect(await listed(link.id)).toMatchObject({ enabled: false });
      expect((await tried(link)) as object).toMatchObject({ status: 404, code: 'not_found' });
      const again = await owner.patch(`/invites/${link.id}`, { enabled: true });
      expect([again.status, again.body.code]).toEqual([409, 'conflict']);
      expect(await tried(others)).toEqual([200, 201]);
    }
    const { data } = (await owner.get('/audit-events?limit=200')).body;
    const changes = data.filter(({ action }: { action: string }) =>
      /members:(Update|Remove)Member/.test(action),
    );
    expect(changes.map(({ change }: { change: { invitesEnded: number } }) => change.invitesEnded)).toEqual([
      1, 1,
    ]);
  });

  it('an OWNER who becomes ADMIN loses the links to OWNER, and keeps the others', async () => {
    const second = await joinAs(api, owner, 'OWNER');
    const [high, low] = [await make(second, { role: 'OWNER' }), await make(second, { role: 'ADMIN' })];
    await owner.patch(`/members/${second.memberId}`, { role: 'ADMIN' });
    expect([(await listed(high.id)).enabled, (await listed(low.id)).enabled]).toEqual([false, true]);
    expect(await tried(low)).toEqual([200, 201]);
  });

  it('and is refused by name though nothing switched it off: whether its maker may invite is asked each time', async () => {
    const admin = await joinAs(api, owner, 'ADMIN');
    const link = await make(admin);
    const sql = `UPDATE members SET role = 'MEMBER' WHERE id = $1`;
    await withSuperuser(api, (pool) => pool.query(sql, [toUuid(admin.memberId)]));
    expect(await tried(link)).toEqual(refused(/^Whoever made this invite may not invite any more\. Ask /));
    expect(await listed(link.id)).toMatchObject({ enabled: true, uses: 0 });
  });
});
