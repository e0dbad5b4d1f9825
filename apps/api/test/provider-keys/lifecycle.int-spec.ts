import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { withSuperuser } from '../support/members.js';
import { addReceipt } from '../support/receipts.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

describe('the life of a provider key', () => {
  let api: TestApi;
  let owner: Person;
  let n = 0;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  const add = async (more: object = {}) => {
    const body = { name: `Key ${(n += 1)}`, provider: 'openai', secret: SECRET, ...more };
    const answer = await owner.post('/ai-providers', body);
    expect(answer.status).toBe(201);
    return answer.body as { id: string; secretId: string; name: string; status: string };
  };
  const sealed = (secretId: string) =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM secret_versions WHERE secret_id = $1 AND envelope IS NOT NULL',
        [toUuid(secretId)],
      );
      return rows[0]!.n;
    });
  const actionsOn = (target: string) =>
    withSuperuser(api, async (pool) => {
      const { rows } = await pool.query<{ action: string }>(
        'SELECT action FROM audit_events WHERE target = $1 ORDER BY seq',
        [target],
      );
      return rows.map(({ action }) => action);
    });

  it('#16 every credential shape that can be called: a key, a key with a second secret, none', async () => {
    const two = await owner.post('/ai-providers', {
      name: 'Two',
      provider: 'gateway',
      baseUrl: 'https://llm.example.com/v1',
      secret: SECRET,
      secondSecret: 'second-secret',
      config: { secondSecretHeader: 'x-team-secret' },
    });
    expect(two.status).toBe(201);
    expect(two.body).toMatchObject({ hasValue: true, status: 'configured' });
    const none = await owner.post('/ai-providers', { name: 'Local', provider: 'ollama' });
    expect(none.body).toMatchObject({ hasValue: false, secretId: null, mask: null, status: 'configured' });
    expect(none.body.hints.map(({ detail }: { detail: string }) => detail).join()).toContain(
      'CLAVIGER_EGRESS_ALLOW',
    );
  });

  it('#15 a name is unique in the organization, and free again after deletion; another organization may use it', async () => {
    const { name, id } = await add();
    const taken = await owner.post('/ai-providers', { name, provider: 'openai', secret: SECRET });
    expect([taken.status, taken.body.code]).toEqual([409, 'name_taken']);
    const alike = await owner.post('/ai-providers', {
      name: ` ${name}  `,
      provider: 'openai',
      secret: SECRET,
    });
    expect([alike.status, alike.body.code]).toEqual([409, 'name_taken']);
    const other = await add();
    const renamed = await owner.patch(`/ai-providers/${other.id}`, { name });
    expect([renamed.status, renamed.body.code]).toEqual([409, 'name_taken']);
    const stranger = await api.owner();
    expect((await stranger.post('/ai-providers', { name, provider: 'openai', secret: SECRET })).status).toBe(
      201,
    );
    await owner.delete(`/ai-providers/${id}`);
    expect((await owner.post('/ai-providers', { name, provider: 'openai', secret: SECRET })).status).toBe(
      201,
    );
  });

  it('#22 several keys of one provider live side by side; the same value twice gives a hint', async () => {
    const secret = `${SECRET}-twice`;
    const first = await add({ secret });
    const second = await owner.post('/ai-providers', { name: `Again ${n}`, provider: 'openai', secret });
    expect(second.status).toBe(201);
    expect(second.body.hints).toEqual([
      { pointer: '/secret', detail: expect.stringContaining(`"${first.name}"`) },
    ]);
    const list = await owner.get('/ai-providers?provider=openai&limit=200');
    expect(list.body.data.length).toBeGreaterThan(1);
  });

  it('#20 status: disabled before unconfigured before failing before configured, in the answer and as a filter', async () => {
    const facts = [true, false].flatMap((enabled) =>
      [true, false].flatMap((secret) =>
        [null, 'ok', 'auth_failed', 'unreachable'].flatMap((test) =>
          [0, 2, 3].flatMap((refused) =>
            [null, '-1 minute', '1 hour'].map((expires) => ({ enabled, secret, test, refused, expires })),
          ),
        ),
      ),
    );
    const expected = new Map<string, string>();
    for (const { enabled, secret, test, refused, expires } of facts) {
      const { id } = await add(secret ? {} : { secret: undefined });
      await withSuperuser(api, (pool) =>
        pool.query(
          `UPDATE provider_keys SET enabled = $2, last_test_status = $3, refused_in_a_row = $4, expires_at = now() + $5::interval
           WHERE id = $1`,
          [toUuid(id), enabled, test, refused, expires],
        ),
      );
      const failing = (test !== null && test !== 'ok') || refused >= 3 || expires === '-1 minute';
      expected.set(id, !enabled ? 'disabled' : !secret ? 'unconfigured' : failing ? 'failing' : 'configured');
    }
    for (const status of ['configured', 'unconfigured', 'failing', 'disabled']) {
      const { body } = await owner.get(`/ai-providers?status=${status}&limit=200`);
      const found = (body.data as { id: string; status: string }[]).filter(({ id }) => expected.has(id));
      expect(found.every((key) => key.status === status)).toBe(true);
      const wanted = [...expected].filter(([, is]) => is === status).map(([id]) => id);
      expect(found.map(({ id }) => id).sort()).toEqual(wanted.sort());
    }
  });

  it('#21 a key is disabled and enabled without losing anything', async () => {
    const { id } = await add();
    expect((await owner.patch(`/ai-providers/${id}`, { enabled: false })).body.status).toBe('disabled');
    expect((await owner.patch(`/ai-providers/${id}`, { enabled: true })).body).toMatchObject({
      status: 'configured',
      hasValue: true,
      version: 1,
    });
  });

  it('lists in pages without losing or repeating a key', async () => {
    const all = await owner.get('/ai-providers?limit=200');
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await owner.get(`/ai-providers?limit=7${cursor ? `&cursor=${cursor}` : ''}`);
      expect(body.data.length).toBeLessThanOrEqual(7);
      ids.push(...body.data.map(({ id }: { id: string }) => id));
      expect(body.hasMore).toBe(body.nextCursor !== null);
      cursor = body.nextCursor;
    } while (cursor);
    expect(ids).toEqual(all.body.data.map(({ id }: { id: string }) => id));
    const wrong = await owner.get('/ai-providers?cursor=nonsense');
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/cursor']);
  });

  it('#24 deleting a key in use is 409 with counts and samples; forcing takes it out of every workspace at once', async () => {
    const { id } = await add();
    const workspaces = [owner.workspaceId];
    for (const name of ['W2', 'W3']) workspaces.push((await owner.post('/workspaces', { name })).body.id);
    for (const ws of workspaces) {
      const put = await owner.put(`/workspaces/${ws}/ai-providers`, { assignments: [{ aiProviderId: id }] });
      expect(put.status).toBe(200);
    }
    const dependents = {
      counts: { workspaces: 3, policies: 0 },
      sampleIds: { workspaces: [...workspaces].sort(), policies: [] },
    };
    expect((await owner.get(`/ai-providers/${id}/dependents`)).body).toEqual(dependents);
    expect((await owner.get(`/ai-providers/${id}`)).body.workspaceCount).toBe(3);
    const refused = await owner.delete(`/ai-providers/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'key_in_use']);
    expect(refused.body).toMatchObject({ forcible: true, dependents });
    expect((await owner.get(`/ai-providers/${id}`)).status).toBe(200);
    expect((await owner.delete(`/ai-providers/${id}?force=true`)).status).toBe(204);
    for (const ws of workspaces)
      expect((await owner.get(`/workspaces/${ws}/ai-providers`)).body.data).toEqual([]);
  });

  it('#24 a forced deletion keeps the usage receipts', async () => {
    const { id } = await add();
    await addReceipt(api, owner, id);
    expect((await owner.delete(`/ai-providers/${id}?force=true`)).status).toBe(204);
    const usage = await owner.get('/usage?groupBy=key');
    expect(usage.body.data.map(({ group }: { group: string }) => group)).toContain(id);
  });

  it('#25 deletion destroys the ciphertext of every version and keeps the history', async () => {
    const { id, secretId } = await add();
    await owner.patch(`/ai-providers/${id}`, { secret: `${SECRET}2` });
    expect(await sealed(secretId)).toBe(2);
    expect((await owner.delete(`/ai-providers/${id}`)).status).toBe(204);
    expect(await sealed(secretId)).toBe(0);
    expect((await owner.get(`/ai-providers/${id}`)).status).toBe(404);
    expect(await actionsOn(id)).toEqual([
      'aiProviders:CreateAiProvider',
      'aiProviders:UpdateAiProvider',
      'aiProviders:DeleteAiProvider',
    ]);
  });

  it('#25 a linked secret of the store outlives the key; a key’s own secret that another key links outlives it too', async () => {
    const origins = ['https://api.openai.com'];
    const stored = (await owner.post('/secrets', { name: 'Shared', secret: SECRET, origins })).body;
    const linked = await add({ secret: undefined, secretId: stored.id });
    await owner.delete(`/ai-providers/${linked.id}`);
    expect(await sealed(stored.id)).toBe(1);
    const own = await add();
    const borrower = await add({ secret: undefined, secretId: own.secretId });
    await owner.delete(`/ai-providers/${own.id}`);
    expect(await sealed(own.secretId)).toBe(1);
    expect((await owner.get(`/ai-providers/${borrower.id}`)).body.hasValue).toBe(true);
  });
});
