import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

describe('the secret store', () => {
  let api: TestApi;
  let owner: Person;
  let n = 0;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  const store = async (origins: string[] = ['https://api.openai.com']) => {
    const answer = await owner.post('/secrets', { name: `S${(n += 1)}`, secret: SECRET, origins });
    expect(answer.status).toBe(201);
    return answer.body as { id: string };
  };
  const versions = (id: string) =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ version: number; state: string; sealed: boolean }>(
        'SELECT version, state, envelope IS NOT NULL AS sealed FROM secret_versions WHERE secret_id = $1 ORDER BY version',
        [toUuid(id)],
      );
      return rows;
    });

  it('#17 shows where a secret may go and how it ends, never what it is', async () => {
    const answer = await owner.post('/secrets', {
      name: 'Shared',
      secret: SECRET,
      origins: ['https://b.example', 'https://a.example:8443', 'https://b.example:443/'],
    });
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^sec_/),
      orgId: owner.orgId,
      name: 'Shared',
      purpose: 'call',
      mask: 'sk-proj-…Zq9f',
      hasValue: true,
      origins: ['https://a.example:8443', 'https://b.example:443'],
      version: 1,
      ownerKeyId: null,
      ownerServerId: null,
      tools: false,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await owner.get('/secrets')).body.data).toContainEqual(answer.body);
  });

  it('a value that no header can hold is refused when it is entered and when it is replaced', async () => {
    const { id } = await store();
    const origins = ['https://api.openai.com'];
    for (const secret of ['sk-aaaa\r\nx-evil: 1', 'sk-\u0000aaaaaaa', 'sk-ключ-01234567']) {
      const answers = [
        await owner.post('/secrets', { name: 'Unsendable', secret, origins }),
        await owner.post(`/secrets/${id}/rotate`, { secret }),
      ];
      for (const { status, body } of answers)
        expect([status, body.errors[0].pointer]).toEqual([422, '/secret']);
    }
    expect(await versions(id)).toHaveLength(1);
  });

  it.each([
    'ftp://a.example',
    'https://a.example/path',
    'https://u:p@a.example',
    'nonsense',
    'https://a.example?x=1',
  ])('refuses %s as an origin', async (origin) => {
    const answer = await owner.post('/secrets', {
      name: 'X',
      secret: SECRET,
      origins: ['https://ok.example', origin],
    });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/origins/1']);
  });

  it('links to a key only when the key calls places that it is for', async () => {
    const { id } = await store();
    const fits = await owner.post('/ai-providers', { name: 'Fits', provider: 'openai', secretId: id });
    expect([fits.status, fits.body.secretId, fits.body.hasValue]).toEqual([201, id, true]);
    const wrong = await owner.post('/ai-providers', { name: 'Wrong', provider: 'anthropic', secretId: id });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'secret_required']);
    const moved = await owner.patch(`/ai-providers/${fits.body.id}`, {
      baseUrl: 'https://evil.example.net/v1',
    });
    expect([moved.status, moved.body.code]).toEqual([422, 'secret_required']);
    const second = await owner.post('/ai-providers', { name: 'Second', provider: 'openai', secretId: id });
    expect(second.status).toBe(201);
  });

  it('rotates for all keys that are linked; the version before drains', async () => {
    const { id } = await store();
    const key = (await owner.post('/ai-providers', { name: `L${n}`, provider: 'openai', secretId: id })).body
      .id;
    const answer = await owner.post(`/secrets/${id}/rotate`, { secret: `${SECRET}-NEW1` });
    expect([answer.status, answer.body.version, answer.body.mask]).toEqual([200, 2, 'sk-proj-…NEW1']);
    expect((await owner.get(`/ai-providers/${key}`)).body).toMatchObject({
      version: 2,
      mask: 'sk-proj-…NEW1',
    });
    expect(await versions(id)).toEqual([
      { version: 1, state: 'draining', sealed: true },
      { version: 2, state: 'active', sealed: true },
    ]);
    const refused = await owner.post(`/ai-providers/${key}/rotate`, { secret: SECRET });
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect(refused.body.detail).toContain(id);
  });

  it('is deleted only when nothing uses it, and then erased', async () => {
    const { id } = await store();
    const key = (await owner.post('/ai-providers', { name: `D${n}`, provider: 'openai', secretId: id })).body
      .id;
    const refused = await owner.delete(`/secrets/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect(refused.body.dependents).toEqual({
      counts: { aiProviders: 1 },
      sampleIds: { aiProviders: [key] },
    });
    await owner.patch(`/ai-providers/${key}`, { clear: ['secretId'] });
    expect((await owner.delete(`/secrets/${id}`)).status).toBe(204);
    expect(await versions(id)).toEqual([]);
    expect((await owner.delete(`/secrets/${id}`)).status).toBe(404);
  });

  it('a secret that was entered with a key lives and dies with it', async () => {
    const key = (await owner.post('/ai-providers', { name: 'Own', provider: 'openai', secret: SECRET })).body;
    for (const answer of [
      await owner.delete(`/secrets/${key.secretId}`),
      await owner.post(`/secrets/${key.secretId}/rotate`, { secret: SECRET }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
      expect(answer.body.detail).toContain(key.id);
    }
  });

  it('a key’s own secret that another key links is not taken along to another place', async () => {
    const own = (await owner.post('/ai-providers', { name: 'Lender', provider: 'openai', secret: SECRET }))
      .body;
    const linked = { name: 'Borrower', provider: 'openai', secretId: own.secretId };
    const borrower = (await owner.post('/ai-providers', linked)).body;
    const moved = await owner.patch(`/ai-providers/${own.id}`, {
      baseUrl: 'https://llm.example.com/v1',
      secret: `${SECRET}2`,
    });
    expect(moved.status).toBe(200);
    expect(moved.body.secretId).not.toBe(own.secretId);
    expect((await owner.get(`/ai-providers/${borrower.id}`)).body).toMatchObject({
      secretId: own.secretId,
      version: 1,
    });
    const { data } = (await owner.get('/secrets?limit=200')).body;
    expect(data.find(({ id }: { id: string }) => id === own.secretId)).toMatchObject({
      ownerKeyId: null,
      origins: ['https://api.openai.com:443'],
    });
  });
});
