import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FakeUpstream } from '#lib/testing';
import { startBothPlanes, type BothPlanes } from '../support/both-planes.js';
import type { Person } from '../support/person.js';

const FIRST = 'sk-first-0123456789abcdef-AAAA';
const SECOND = 'sk-second-0123456789abcdef-BBBB';

describe('a key between both planes', () => {
  let planes: BothPlanes;
  let upstream: FakeUpstream;
  let owner: Person;
  let token: string;
  let id: string;

  beforeAll(async () => {
    planes = await startBothPlanes(FIRST);
    ({ upstream, owner, aiProviderId: id } = planes);
    token = (await owner.post('/tokens', { name: 'flows', kind: 'engine' })).body.token;
  });
  afterAll(() => planes?.stop());

  const run = async (): Promise<{ status: number; keyVersion: number }> => {
    const { httpStatus, served } = await planes.run<{ served?: { keyVersion: number } }>(token);
    return { status: httpStatus, keyVersion: served?.keyVersion ?? 0 };
  };
  const used = () => new Set(upstream.requests.map(({ headers }) => headers['authorization']));

  it('#19 a test goes over the engine’s real path with exactly this key, and is kept', async () => {
    const answer = await owner.post(`/ai-providers/${id}/test`);
    expect(answer.body).toMatchObject({ ok: true, status: 'ok' });
    expect(used()).toEqual(new Set([`Bearer ${FIRST}`]));
    expect((await owner.get(`/ai-providers/${id}`)).body).toMatchObject({
      lastTestStatus: 'ok',
      status: 'configured',
    });
    expect((await owner.get(`/ai-providers/${id}/models`)).body.data).toContainEqual({
      id: 'gpt-4.1',
      inCatalogue: true,
    });
  });

  it('#19 a key without a secret, and one whose gate is off, say so when tested', async () => {
    upstream.reset();
    const bare = (await owner.post('/ai-providers', { name: 'Bare', provider: 'openai' })).body.id;
    const answer = await owner.post(`/ai-providers/${bare}/test`);
    expect([answer.status, answer.body.ok]).toEqual([200, false]);
    expect(answer.body.message).toMatch(/secret/);
    expect((await owner.get(`/ai-providers/${bare}`)).body).toMatchObject({
      status: 'unconfigured',
      lastTestStatus: 'auth_failed',
    });
    expect((await owner.get(`/ai-providers/${bare}/models`)).body.code).toBe('secret_required');
    await owner.put('/providers/openai', { enabled: false });
    const gated = await owner.post(`/ai-providers/${id}/test`);
    await owner.put('/providers/openai', { enabled: true });
    expect([gated.status, gated.body.code]).toEqual([403, 'provider_disabled']);
    expect(upstream.requests).toEqual([]);
  });

  it('#23 a rotation that the vendor refuses changes nothing: calls go on with the old secret', async () => {
    upstream.reset();
    const refused = await owner.post(`/ai-providers/${id}/rotate`, {
      secret: 'sk-bad-0123456789abcdef-CCCC',
    });
    expect([refused.status, refused.body.ok, refused.body.status, refused.body.version]).toEqual([
      200,
      false,
      'auth_failed',
      1,
    ]);
    expect(used()).toEqual(new Set(['Bearer sk-bad-0123456789abcdef-CCCC']));
    expect(await run()).toEqual({ status: 200, keyVersion: 1 });
    expect(used()).toContain(`Bearer ${FIRST}`);
  });

  it('#23 a rotation under load fails no call: each goes out with the old or the new secret, in the end with the new', async () => {
    upstream.reset();
    let done = false;
    const results: { status: number; keyVersion: number }[] = [];
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!done) results.push(await run());
      }),
    );
    const rotated = await owner.post(`/ai-providers/${id}/rotate`, { secret: SECOND });
    expect(rotated.body).toMatchObject({ ok: true, version: 3 });
    await new Promise((resume) => setTimeout(resume, 2_500));
    done = true;
    await load;
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
    expect(results.every(({ keyVersion }) => keyVersion === 1 || keyVersion === 3)).toBe(true);
    expect([...used()].every((value) => value === `Bearer ${FIRST}` || value === `Bearer ${SECOND}`)).toBe(
      true,
    );
    upstream.reset();
    expect(await run()).toEqual({ status: 200, keyVersion: 3 });
    expect(used()).toEqual(new Set([`Bearer ${SECOND}`]));
  });

  it('#17 neither process logged a secret', () => {
    const logs = planes.api.output() + planes.engine.output();
    expect(logs).toContain('listens');
    for (const secret of ['sk-first', 'sk-second', 'sk-bad', '0123456789abcdef'])
      expect(logs).not.toContain(secret);
  });
});
