import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFakeUpstream, startTestDatabase, type FakeUpstream, type TestDatabase } from '#lib/testing';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';

const FIRST = 'sk-first-0123456789abcdef-AAAA';
const SECOND = 'sk-second-0123456789abcdef-BBBB';

describe('a key between both planes', () => {
  let database: TestDatabase;
  let keyFiles: KeyFiles;
  let upstream: FakeUpstream;
  let engine: PlaneProcess;
  let api: PlaneProcess;
  let owner: Person;
  let token: string;
  let id: string;

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
    token = (await owner.post('/tokens', { name: 'flows', kind: 'engine' })).body.token;
    const baseUrl = upstream.baseUrls.openai;
    const created = await owner.post('/ai-providers', {
      name: 'K',
      provider: 'openai',
      secret: FIRST,
      baseUrl,
    });
    id = created.body.id;
    await owner.put(`/workspaces/${owner.workspaceId}/ai-providers`, { assignments: [{ aiProviderId: id }] });
  });
  afterAll(async () => {
    await api?.stop();
    await engine?.stop();
    await upstream?.stop();
    await database?.stop();
    keyFiles?.remove();
  });

  let runs = 0;
  const run = async (): Promise<{ status: number; keyVersion: number }> => {
    const body = { nodeExecutionId: `n-${(runs += 1)}`, agent: { prompt: 'Say hello.' } };
    const response = await fetch(`${engine.url}/internal/v1/workspaces/${owner.workspaceId}/agent-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { served?: { keyVersion: number } };
    return { status: response.status, keyVersion: answer.served?.keyVersion ?? 0 };
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
    const logs = api.output() + engine.output();
    expect(logs).toContain('listens');
    for (const secret of ['sk-first', 'sk-second', 'sk-bad', '0123456789abcdef'])
      expect(logs).not.toContain(secret);
  });
});
