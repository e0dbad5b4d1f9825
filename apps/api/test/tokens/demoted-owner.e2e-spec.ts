import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { startFakeUpstream, startTestDatabase, type FakeUpstream, type TestDatabase } from '#lib/testing';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { joinAs } from '../support/team.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';

interface Refusal {
  status: number;
  code?: string;
  detail?: string;
}

describe('#28 a token whose owner was demoted or removed, over both planes', () => {
  let database: TestDatabase;
  let keyFiles: KeyFiles;
  let upstream: FakeUpstream;
  let engine: PlaneProcess;
  let api: PlaneProcess;
  let owner: Person;
  let workspaces = 0;

  beforeAll(async () => {
    database = await startTestDatabase();
    keyFiles = makeKeyFiles();
    upstream = await startFakeUpstream();
    const egress = { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}` };
    engine = await startPlane('engine', {
      DATABASE_URL: database.engineUrl,
      ...keyFiles.engineEnv,
      ...egress,
    });
    const url = { CLAVIGER_ENGINE_INTERNAL_URL: engine.url };
    api = await startPlane('api', { DATABASE_URL: database.apiUrl, ...keyFiles.env, ...egress, ...url });
    owner = await new Person(api.url).signUp('owner@example.test');
    const created = await owner.post('/ai-providers', {
      name: 'K',
      provider: 'openai',
      secret: 'sk-demote-0123456789abcdef',
      baseUrl: upstream.baseUrls.openai,
    });
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, {
      assignments: [{ aiProviderId: created.body.id }],
    });
  });
  afterAll(async () => {
    await api?.stop();
    await engine?.stop();
    await upstream?.stop();
    await database?.stop();
    keyFiles?.remove();
  });

  const strangers = { stranger: () => new Person(api.url) };
  let runs = 0;
  const run = async (token: string, workspaceId = owner.workspaceId): Promise<Refusal> => {
    const body = { nodeExecutionId: `n-${(runs += 1)}`, agent: { prompt: 'Say hello.' } };
    const response = await fetch(`${engine.url}/internal/v1/workspaces/${workspaceId}/agent-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { code, detail } = (await response.json()) as Refusal;
    return { status: response.status, code, detail };
  };
  const issued = async (issuer: Person, what: object): Promise<string> =>
    (await issuer.post('/tokens', { name: `t-${(runs += 1)}`, ...what })).body.token;

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
