import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-gateway-0123456789abcdefgh-AAAA';

/** A value that each field can be set to, the value it starts with, and what clearing makes of it. */
const FIELDS: { field: string; first: unknown; other: unknown; cleared: unknown }[] = [
  { field: 'defaultModel', first: 'm-1', other: 'm-2', cleared: null },
  { field: 'models', first: ['m-1', 'm-3'], other: ['m-1', 'm-2'], cleared: [] },
  { field: 'config', first: { protocol: 'openai' }, other: { protocol: 'anthropic' }, cleared: {} },
  { field: 'expiresAt', first: '2030-01-01T00:00:00.000Z', other: '2031-01-01T00:00:00.000Z', cleared: null },
  { field: 'limits', first: { rpm: 5 }, other: { rpd: 6, tpm: 7 }, cleared: null },
];

describe('changing a provider key', () => {
  let api: TestApi;
  let owner: Person;
  let id: string;
  let n = 0;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    const answer = await owner.post('/ai-providers', {
      name: `Key ${(n += 1)}`,
      provider: 'gateway',
      secret: SECRET,
      baseUrl: 'https://llm.example.com/v1',
      ...Object.fromEntries(FIELDS.map(({ field, first }) => [field, first])),
    });
    expect(answer.status).toBe(201);
    id = answer.body.id;
  });
  const current = async () => (await owner.get(`/ai-providers/${id}`)).body;

  it('#18 an empty patch changes no setting', async () => {
    const before = await current();
    const answer = await owner.patch(`/ai-providers/${id}`, {});
    expect(answer.status).toBe(200);
    const { updatedAt: _a, ...was } = before;
    const { updatedAt: _b, ...is } = await current();
    expect(is).toEqual(was);
  });

  it.each(FIELDS)(
    '#18 $field: sent changes it and nothing else, cleared empties it, both or null is 422',
    async (row) => {
      const before = await current();
      const set = await owner.patch(`/ai-providers/${id}`, { [row.field]: row.other });
      expect(set.status).toBe(200);
      const others = (body: Record<string, unknown>) => {
        const { [row.field]: _own, updatedAt: _at, hints: _hints, ...rest } = body;
        return rest;
      };
      expect(set.body[row.field]).toEqual(row.other);
      expect(others(set.body)).toEqual(others(before));

      for (const bad of [{ [row.field]: row.first, clear: [row.field] }, { [row.field]: null }]) {
        const refused = await owner.patch(`/ai-providers/${id}`, bad);
        expect(refused.status).toBe(422);
        expect(refused.body.code).toBe('validation_failed');
        expect(refused.body.errors[0].pointer).toBe(`/${row.field}`);
        expect((await current())[row.field]).toEqual(row.other);
      }

      const cleared = await owner.patch(`/ai-providers/${id}`, { clear: [row.field] });
      expect(cleared.status).toBe(200);
      expect(cleared.body[row.field]).toEqual(row.cleared);
      expect(others(cleared.body)).toEqual(others(before));
    },
  );

  it('#18 a secret: omitted keeps it, sent makes version 2, cleared destroys it, both is 422', async () => {
    const first = await current();
    expect(first).toMatchObject({ hasValue: true, version: 1, mask: 'sk-…AAAA' });
    const both = await owner.patch(`/ai-providers/${id}`, { secret: `${SECRET}BBBB`, clear: ['secret'] });
    expect([both.status, both.body.code]).toEqual([422, 'validation_failed']);
    const replaced = await owner.patch(`/ai-providers/${id}`, { secret: `${SECRET}BBBB` });
    expect(replaced.body).toMatchObject({ secretId: first.secretId, version: 2, mask: 'sk-…BBBB' });
    const versions = await owner.get(`/ai-providers/${id}/versions`);
    expect(versions.body.data.map((v: { version: number; state: string }) => [v.version, v.state])).toEqual([
      [2, 'active'],
      [1, 'draining'],
    ]);
    const cleared = await owner.patch(`/ai-providers/${id}`, { clear: ['secret'] });
    expect(cleared.body).toMatchObject({
      hasValue: false,
      mask: null,
      secretId: null,
      status: 'unconfigured',
    });
    const secrets = await owner.get('/secrets?limit=200');
    expect(secrets.body.data.some((secret: { id: string }) => secret.id === first.secretId)).toBe(false);
  });

  it('a base URL outside the sealed origins needs the secret again, a path inside them does not', async () => {
    const inside = await owner.patch(`/ai-providers/${id}`, { baseUrl: 'https://llm.example.com/other/v1' });
    expect(inside.status).toBe(200);
    const outside = await owner.patch(`/ai-providers/${id}`, { baseUrl: 'https://evil.example.net/v1' });
    expect([outside.status, outside.body.code]).toEqual([422, 'secret_required']);
    expect(outside.body.detail).toContain('https://evil.example.net:443');
    expect((await current()).baseUrl).toBe('https://llm.example.com/other/v1');
    const again = await owner.patch(`/ai-providers/${id}`, {
      baseUrl: 'https://evil.example.net/v1',
      secret: SECRET,
    });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ baseUrl: 'https://evil.example.net/v1', version: 2 });
  });

  it('a second secret never changes alone: the two are sealed together', async () => {
    const alone = await owner.patch(`/ai-providers/${id}`, { secondSecret: 'second' });
    expect([alone.status, alone.body.errors[0].pointer]).toEqual([422, '/secondSecret']);
    const clearing = await owner.patch(`/ai-providers/${id}`, { clear: ['secondSecret'] });
    expect([clearing.status, clearing.body.code]).toEqual([422, 'validation_failed']);
    const both = await owner.patch(`/ai-providers/${id}`, { secret: SECRET, secondSecret: 'second' });
    expect(both.body.version).toBe(2);
  });

  it('If-Match of an older revision is 412 and changes nothing', async () => {
    const read = await owner.get(`/ai-providers/${id}`);
    const etag = read.headers['etag'] as string;
    expect(etag).toMatch(/^"[^"]+"$/);
    const path = `/ai-providers/${id}`;
    const first = await owner.send('PATCH', path, { name: `A ${id}` }, { 'if-match': etag });
    expect(first.status).toBe(200);
    const late = await owner.send('PATCH', path, { name: `B ${id}` }, { 'if-match': etag });
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
    expect((await current()).name).toBe(`A ${id}`);
    const fresh = await owner.send(
      'PATCH',
      path,
      { name: `C ${id}` },
      { 'if-match': first.headers['etag'] as string },
    );
    expect(fresh.status).toBe(200);
  });

  it('parallel patches of different fields both stay', async () => {
    const answers = await Promise.all([
      owner.patch(`/ai-providers/${id}`, { defaultModel: 'm-3' }),
      owner.patch(`/ai-providers/${id}`, { enabled: false }),
      owner.patch(`/ai-providers/${id}`, { limits: { rpm: 9 } }),
      owner.patch(`/ai-providers/${id}`, { expiresAt: '2040-01-01T00:00:00Z' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await current()).toMatchObject({
      defaultModel: 'm-3',
      enabled: false,
      limits: { rpm: 9 },
      expiresAt: '2040-01-01T00:00:00.000Z',
    });
  });

  it('two secrets entered at once: one wins, the other is told of the conflict', async () => {
    const answers = await Promise.all(
      ['X', 'Y', 'Z'].map((tail) => owner.patch(`/ai-providers/${id}`, { secret: SECRET + tail })),
    );
    const won = answers.filter(({ status }) => status === 200).length;
    const lost = answers.filter(({ status, body }) => status === 409 && body.code === 'conflict').length;
    expect(won).toBeGreaterThanOrEqual(1);
    expect(won + lost).toBe(3);
    expect((await current()).version).toBe(1 + won);
  });
});
