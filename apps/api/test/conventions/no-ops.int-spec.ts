import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { snapshotRows, writesBetween } from '#lib/testing';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

describe('#18 a change that changes nothing is none: the same ETag, no audit row, no event, no row touched', () => {
  let api: TestApi;
  let owner: Person;
  let keyId: string;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    const limits = { tpm: 3, rpm: 1, rpd: 2 };
    const body = { name: 'K', provider: 'openai', secret: SECRET, limits, models: ['gpt-4.1'] };
    keyId = (await owner.post('/ai-providers', body)).body.id;
  });
  afterAll(() => api.stop());

  const idle = async (path: string, body: object, method = 'PATCH') => {
    const read = await owner.get(path);
    const before = await snapshotRows(api.database.superuserUrl);
    const answer = await owner.send(method, path, body);
    expect([path, body, answer.status]).toEqual([path, body, 200]);
    const written = writesBetween(before, await snapshotRows(api.database.superuserUrl));
    expect([path, body, written]).toEqual([path, body, []]);
    if (read.status === 200) {
      expect(answer.headers['etag']).toBe(read.headers['etag']);
      expect(answer.body).toMatchObject(read.body);
    }
  };

  it('of a key', async () => {
    const path = `/ai-providers/${keyId}`;
    const { secretId } = (await owner.get(path)).body;
    await idle(path, {});
    await idle(path, { clear: [] });
    await idle(path, { name: 'K', enabled: true, models: ['gpt-4.1'] });
    await idle(path, { limits: { rpd: 2, rpm: 1, tpm: 3 } });
    await idle(path, { clear: ['baseUrl', 'config', 'expiresAt', 'defaultModel'] });
    await idle(path, { secretId });
    const changed = await owner.patch(path, { limits: { rpm: 1 } });
    expect(changed.body.limits).toEqual({ rpm: 1 });
    const again = await owner.patch(path, { secret: SECRET });
    expect([again.status, again.body.version]).toEqual([200, 2]);
  });

  it('of a workspace, an organization, a member and a grant', async () => {
    const path = `/workspaces/${owner.workspaceId}`;
    const { name, slug } = (await owner.get(path)).body;
    await idle(path, {});
    await idle(path, { name, slug, isDefault: true });
    await idle(path, { clear: ['defaultProvider'] });
    const org = `/orgs/${owner.orgId}`;
    await idle(org, {});
    await idle(org, { name: (await owner.get(org)).body.name });
    const member = await joinAs(api, owner, 'MEMBER');
    await idle(`/members/${member.memberId}`, {});
    await idle(`/members/${member.memberId}`, { role: 'MEMBER' });
    await owner.put(`${path}/members/${member.memberId}`, { canExecute: true });
    await idle(`${path}/members/${member.memberId}`, { canExecute: true, canEdit: false }, 'PUT');
  });

  it('of an invite and of a provider’s gate', async () => {
    const { id } = (await owner.post('/invites', {})).body;
    await idle(`/invites/${id}`, { enabled: true });
    expect((await owner.patch(`/invites/${id}`, { enabled: false })).body.enabled).toBe(false);
    await idle(`/invites/${id}`, { enabled: false });
    await idle('/providers/openai', { enabled: true }, 'PUT');
    expect((await owner.put('/providers/openai', { enabled: false })).body.orgEnabled).toBe(false);
    await idle('/providers/openai', { enabled: false }, 'PUT');
    expect((await owner.put('/providers/openai', { enabled: true })).body.orgEnabled).toBe(true);
    await idle('/providers/openai', { enabled: true }, 'PUT');
  });

  it('#23 a key without a secret has no version, and its settings’ revision is none', async () => {
    const path = `/ai-providers/${keyId}`;
    const cleared = await owner.patch(path, { clear: ['secret'] });
    expect([cleared.body.version, cleared.body.hasValue]).toEqual([null, false]);
    await idle(path, { clear: ['secret'] });
    expect((await owner.patch(path, { secret: SECRET })).body.version).toBe(1);
  });

  it('#3 grants that are left out are off', async () => {
    const member = await joinAs(api, owner, 'MEMBER');
    const path = `/workspaces/${owner.workspaceId}/members/${member.memberId}`;
    const { status, body } = await owner.put(path, { canExecute: true });
    expect([status, body.canEdit, body.canDelete, body.canExecute]).toEqual([200, false, false, true]);
    expect((await owner.put(path, {})).body).toMatchObject({ canExecute: false });
  });
});
