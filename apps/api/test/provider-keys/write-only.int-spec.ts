import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const SECRET = 'sk-ant-api03-canary-7f3b0c55d2a94e1e8f6a-Zq9f';
const SECOND = 'second-canary-93ab77e0c4d1';

describe('secrets are write-only', () => {
  let api: TestApi;
  let owner: Person;
  const seen: string[] = [];
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());

  it('#17 no answer of any key or secret operation repeats a secret', async () => {
    const keep = async (answer: Promise<{ text: string; headers: object }>) => {
      const { text, headers } = await answer;
      seen.push(text, JSON.stringify(headers));
    };
    const created = await owner.post('/ai-providers', { name: 'K', provider: 'anthropic', secret: SECRET });
    expect(created.status).toBe(201);
    seen.push(created.text);
    const { id, secretId } = created.body;
    await keep(owner.get('/ai-providers'));
    await keep(owner.get(`/ai-providers/${id}`));
    await keep(owner.get(`/ai-providers/${id}/versions`));
    await keep(owner.get('/secrets'));
    await keep(owner.patch(`/ai-providers/${id}`, { secret: `${SECRET}2` }));
    // Refusals must not quote what they refuse.
    await keep(owner.post('/ai-providers', { name: 'K', provider: 'anthropic', secret: SECRET }));
    await keep(owner.post('/ai-providers', { name: 'L', provider: 'nonsense', secret: SECRET }));
    await keep(
      owner.post('/ai-providers', { name: 'L', provider: 'anthropic', secret: SECRET, secondSecret: SECOND }),
    );
    await keep(owner.post('/ai-providers', { name: 7, provider: 'openai', secret: SECRET }));
    await keep(owner.post('/ai-providers', { name: 'L', provider: 'openai', secret: [SECRET] }));
    await keep(
      owner.post('/secrets', {
        name: 'S',
        secret: SECRET,
        secondSecret: SECOND,
        origins: ['https://a.example'],
      }),
    );
    await keep(owner.post(`/secrets/${secretId}/rotate`, { secret: SECRET }));
    await keep(owner.delete(`/ai-providers/${id}`));
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.filter((text) => text.includes('canary'))).toEqual([]);
  });

  it('#17 the mask shows the vendor’s prefix and four characters, and nothing of a short secret', async () => {
    const long = await owner.post('/ai-providers', {
      name: 'Long',
      provider: 'openai',
      secret: 'sk-proj-aaaabbbbccccWXYZ',
    });
    expect(long.body.mask).toBe('sk-proj-…WXYZ');
    const short = await owner.post('/ai-providers', {
      name: 'Short',
      provider: 'openai',
      secret: 'sk-short-1',
    });
    expect(short.body.mask).not.toMatch(/short|-1/);
    expect(short.body.hasValue).toBe(true);
  });

  it('#17 no table holds a secret in plain text, the audit log included', async () => {
    const found = await withSuperuser(api, async (pool) => {
      const tables = await pool.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
        [],
      );
      const hits: string[] = [];
      for (const { name } of tables.rows) {
        const { rows } = await pool.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM ${name} t
           WHERE t::text LIKE '%canary%' OR t::text LIKE '%' || encode('canary', 'hex') || '%'`,
          [],
        );
        if (rows[0]!.n > 0) hits.push(name);
      }
      return hits;
    });
    expect(found).toEqual([]);
  });

  it('#17 the sweep above finds a secret that is planted', async () => {
    const n = await withSuperuser(api, async (pool) => {
      await pool.query(
        `UPDATE provider_keys SET last_test_message = 'bad key canary' WHERE name = 'Long'`,
        [],
      );
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM provider_keys t WHERE t::text LIKE '%canary%'`,
        [],
      );
      return rows[0]!.n;
    });
    expect(n).toBe(1);
  });
});
