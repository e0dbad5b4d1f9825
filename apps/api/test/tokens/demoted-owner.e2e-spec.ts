import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startBothPlanes, type BothPlanes } from '../support/both-planes.js';
import { joinAs } from '../support/team.js';
import { Person } from '../support/person.js';

interface Refusal {
  status: number;
  code?: string;
  detail?: string;
}

describe('#28 a token whose owner was demoted or removed, over both planes', () => {
  let planes: BothPlanes;
  let owner: Person;
  let workspaces = 0;
  let tokens = 0;

  beforeAll(async () => {
    planes = await startBothPlanes('sk-demote-0123456789abcdef');
    owner = planes.owner;
  });
  afterAll(() => planes?.stop());

  const strangers = { stranger: () => new Person(planes.api.url) };
  const run = async (token: string, workspaceId?: string): Promise<Refusal> => {
    const { httpStatus, code, detail } = await planes.run<Refusal>(token, workspaceId);
    return { status: httpStatus, code, detail };
  };
  const issued = async (issuer: Person, what: object): Promise<string> =>
    (await issuer.post('/tokens', { name: `t-${(tokens += 1)}`, ...what })).body.token;

  it.each([
    ['of the whole organization', {}],
    ['of this workspace', { workspaceId: true }],
  ])('says within 2 s why a token %s runs nothing any more, and who can help', async (_, wall) => {
    const admin = await joinAs(strangers, owner, 'ADMIN');
    const workspaceId = 'workspaceId' in wall ? { workspaceId: owner.workspaceId } : {};
    const token = await issued(admin, { kind: 'engine', ...workspaceId });
    expect((await run(token)).status).toBe(200);
    expect((await owner.patch(`/members/${admin.memberId}`, { role: 'MEMBER' })).status).toBe(200);
    await delay(2_000);
    const refused = await run(token);
    expect(refused).toEqual({
      status: 403,
      code: 'forbidden',
      detail: expect.stringMatching(
        /^The member who owns this token may not run agents in workspace ".+"\. An OWNER or ADMIN /,
      ),
    });
    // What it advises is what helps.
    const grant = { canEdit: false, canDelete: false, canExecute: true };
    await owner.put(`/workspaces/${owner.workspaceId}/members/${admin.memberId}`, grant);
    await delay(2_000);
    expect((await run(token)).status).toBe(200);
  });

  it('#6 #7 stays the 404 of an unknown id where the token’s wall is another workspace', async () => {
    const admin = await joinAs(strangers, owner, 'ADMIN');
    const other = await owner.post('/workspaces', { name: `Other ${(workspaces += 1)}` });
    const token = await issued(admin, { kind: 'engine', workspaceId: other.body.id });
    await owner.patch(`/members/${admin.memberId}`, { role: 'MEMBER' });
    await delay(2_000);
    expect(await run(token)).toMatchObject({ status: 404, code: 'not_found' });
    expect(await run(token, other.body.id)).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('ends with the membership of who issued it: 401 says so, and who can issue another', async () => {
    const admin = await joinAs(strangers, owner, 'ADMIN');
    const token = await issued(admin, { kind: 'engine' });
    expect((await run(token)).status).toBe(200);
    expect((await owner.delete(`/members/${admin.memberId}`)).status).toBe(204);
    await delay(2_000);
    expect(await run(token)).toEqual({
      status: 401,
      code: 'unauthenticated',
      detail: expect.stringMatching(
        /ends with the membership of who issued it: an OWNER or ADMIN can issue another/,
      ),
    });
  });
});
