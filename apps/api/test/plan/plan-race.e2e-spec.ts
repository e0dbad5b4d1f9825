import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { Person } from '../support/person.js';

const LIMIT = 10;

describe('#42 a plan limit of 10 keys under parallel requests to two api processes', () => {
  let database: TestDatabase;
  let keyFiles: KeyFiles;
  let pool: PgPool;
  let apis: PlaneProcess[];
  let owners: Person[];

  beforeAll(async () => {
    database = await startTestDatabase();
    keyFiles = makeKeyFiles();
    pool = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
    const env = { DATABASE_URL: database.apiUrl, ...keyFiles.env };
    apis = await Promise.all([startPlane('api', env), startPlane('api', env)]);
    const first = await new Person(apis[0]!.url).signUp('owner@example.test');
    const second = new Person(apis[1]!.url);
    await second.logIn(first.email);
    owners = [first, second];
    await pool.query(
      `INSERT INTO plans (slug, limits) VALUES ('ten', '{"keys": 10, "workspaces": 3, "members": 3}')`,
      [],
    );
    await pool.query(`UPDATE orgs SET plan = 'ten'`, []);
  });
  afterAll(async () => {
    await Promise.all(apis.map((api) => api.stop()));
    await pool.close();
    await database.stop();
    keyFiles.remove();
  });

  const create = (n: number) =>
    owners[n % 2]!.post('/ai-providers', {
      name: `K${n}`,
      provider: 'openai',
      secret: `sk-proj-${n}-0123456789abcdef`,
    });
  const rows = async () => {
    const answer = await pool.query<{ keys: number; used: number; secrets: number }>(
      `SELECT (SELECT count(*) FROM provider_keys)::int AS keys, (SELECT count(*) FROM secrets)::int AS secrets,
              coalesce((SELECT used FROM plan_counters WHERE resource = 'keys'), 0)::int AS used`,
      [],
    );
    return answer.rows[0]!;
  };

  it('200 creates with deletes mixed in: never more than 10 rows, no 5xx, the counter equals the rows', async () => {
    let most = 0;
    let done = false;
    const watch = (async () => {
      while (!done) most = Math.max(most, (await rows()).keys);
    })();
    const statuses: number[] = [];
    const refusals: { code: string; limit: string; used: number; max: number }[] = [];
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const created = await create(n);
        statuses.push(created.status);
        if (created.status === 403) refusals.push(created.body);
        // Every third key goes at once, and is asked to go twice: the second time must not give room back.
        if (created.status !== 201 || n % 3 !== 0) return;
        const path = `/ai-providers/${created.body.id}`;
        const gone = await Promise.all([owners[0]!.delete(path), owners[1]!.delete(path)]);
        expect(gone.map(({ status }) => status).sort()).toEqual([204, 404]);
        statuses.push(...gone.map(({ status }) => status));
      }),
    );
    done = true;
    await watch;
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(most).toBeGreaterThan(0);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => ![201, 204, 403, 404].includes(status))).toEqual([]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'plan_limit_reached', limit: 'keys', max: LIMIT });
      expect(refusal.used).toBeLessThanOrEqual(LIMIT);
    }
    const { keys, used, secrets } = await rows();
    expect({ used, secrets }).toEqual({ used: keys, secrets: keys });
  });

  it('the refusal names the limit, the use and how to raise it, and changes nothing', async () => {
    for (let n = (await rows()).keys; n < LIMIT; n += 1) expect((await create(1_000 + n)).status).toBe(201);
    const refused = await create(2_000);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      code: 'plan_limit_reached',
      limit: 'keys',
      used: LIMIT,
      max: LIMIT,
    });
    expect(refused.body.detail).toMatch(/operator/);
    const plan = await owners[0]!.get('/plan');
    expect(plan.body).toMatchObject({ plan: 'ten', limits: { keys: LIMIT }, used: { keys: LIMIT } });
    expect(await rows()).toEqual({ keys: LIMIT, used: LIMIT, secrets: LIMIT });
  });

  it('deleting all gives all the room back, once', async () => {
    const list = await owners[1]!.get('/ai-providers?limit=200');
    const ids: string[] = list.body.data.map(({ id }: { id: string }) => id);
    await Promise.all(ids.map((id, n) => owners[n % 2]!.delete(`/ai-providers/${id}`)));
    expect(await rows()).toEqual({ keys: 0, used: 0, secrets: 0 });
    const again = await Promise.all(Array.from({ length: 15 }, (_, n) => create(3_000 + n)));
    expect(again.filter(({ status }) => status === 201)).toHaveLength(LIMIT);
    expect(again.filter(({ status }) => status === 403)).toHaveLength(5);
  });

  it('no secret is in what the processes logged', () => {
    const logs = apis.map((api) => api.output()).join('\n');
    expect(logs).toContain('request');
    expect(logs).not.toMatch(/sk-proj-|0123456789abcdef/);
  });
});
