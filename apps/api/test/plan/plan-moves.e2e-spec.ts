import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { makeKeyFiles, type KeyFiles } from '../support/key-files.js';
import { Person } from '../support/person.js';
import { startPlane, type PlaneProcess } from '../support/plane-process.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const LIMITS = { wide: 12, middle: 6, narrow: 2 } as const;
type PlanName = keyof typeof LIMITS;
const ROUNDS = 25;

/** The excess by another way than the product's: each key counts who came before it. */
const EXCESS = `
  SELECT k.name FROM provider_keys k JOIN orgs o ON o.org_id = k.org_id JOIN plans p ON p.slug = o.plan
  WHERE (SELECT count(*) FROM provider_keys e WHERE e.org_id = k.org_id
         AND (e.created_at < k.created_at OR (e.created_at = k.created_at AND e.id < k.id))) >= (p.limits ->> 'keys')::int
  ORDER BY 1`;

describe('#43 an organization is moved between plans while two api processes write', () => {
  let database: TestDatabase;
  let keyFiles: KeyFiles;
  let pool: PgPool;
  let apis: PlaneProcess[];
  let owners: Person[];
  let operators: Person[];

  beforeAll(async () => {
    database = await startTestDatabase();
    keyFiles = makeKeyFiles();
    pool = new PgPool({ databaseUrl: database.superuserUrl, max: 3 });
    const env = { DATABASE_URL: database.apiUrl, CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN, ...keyFiles.env };
    apis = await Promise.all([startPlane('api', env), startPlane('api', env)]);
    const first = await new Person(apis[0]!.url).signUp('owner@example.test');
    const second = new Person(apis[1]!.url);
    await second.logIn(first.email);
    owners = [first, second];
    operators = apis.map(({ url }) => new Person(url).withToken(OPERATOR_TOKEN));
    for (const [name, keys] of Object.entries(LIMITS))
      await pool.query('INSERT INTO plans (slug, limits) VALUES ($1, $2)', [name, JSON.stringify({ keys })]);
    await move('wide');
  });
  afterAll(async () => {
    await Promise.all(apis.map((api) => api.stop()));
    await pool.close();
    await database.stop();
    keyFiles.remove();
  });

  let turns = 0;
  const either = <T>(both: T[]): T => both[(turns += 1) % 2]!;
  const move = (plan: PlanName) => either(operators).put(`/platform/orgs/${owners[0]!.orgId}/plan`, { plan });
  const add = (name: string) =>
    either(owners).post('/ai-providers', { name, provider: 'openai', secret: 'sk-moves-0123456789abcdef' });
  const excess = async () => (await pool.query<{ name: string }>(EXCESS, [])).rows.map(({ name }) => name);
  const state = async () => {
    const { rows } = await pool.query<{ keys: number; used: number }>(
      `SELECT (SELECT count(*) FROM provider_keys)::int AS keys,
              coalesce((SELECT used FROM plan_counters WHERE resource = 'keys'), 0)::int AS used`,
      [],
    );
    return rows[0]!;
  };
  const shown = async () => {
    const { data } = (await either(owners).get('/ai-providers?limit=200')).body;
    const keys = data as { id: string; name: string; readOnly: boolean; defaultModel: string | null }[];
    return keys.sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  it(`${ROUNDS} rounds of creates, edits, deletes and moves at once: no 5xx, counter and read-only exact`, async () => {
    const statuses = new Map<string, number>();
    const count = (what: string, { status, body }: { status: number; body: { code?: string } }) => {
      const key = `${what} ${status} ${body.code ?? ''}`.trim();
      statuses.set(key, (statuses.get(key) ?? 0) + 1);
    };
    const plans = Object.keys(LIMITS) as PlanName[];
    for (let round = 0; round < ROUNDS; round += 1) {
      const keys = await shown();
      const plan = plans[Math.floor(Math.random() * plans.length)]!;
      const some = keys.filter(() => Math.random() < 0.4);
      await Promise.all([
        move(plan).then((answer) => count('move', answer)),
        ...Array.from({ length: 4 }, (_, n) =>
          add(`K${round}-${n}`).then((answer) => count('create', answer)),
        ),
        ...some.map(({ id }) =>
          either(owners)
            .patch(`/ai-providers/${id}`, { defaultModel: `m${round}` })
            .then((a) => count('edit', a)),
        ),
        ...keys
          .filter(() => Math.random() < 0.15)
          .map(({ id }) =>
            either(owners)
              .delete(`/ai-providers/${id}`)
              .then((answer) => count('delete', answer)),
          ),
      ]);
      const { keys: rows, used } = await state();
      expect(used).toBe(rows);
      const now = await shown();
      const readOnly = now.filter((key) => key.readOnly).map(({ name }) => name);
      expect(readOnly).toEqual(await excess());
      expect(readOnly).toHaveLength(Math.max(0, rows - LIMITS[plan]));
      expect((await either(owners).get('/plan')).body.standing[0]).toMatchObject({
        used: rows,
        readOnly: readOnly.length,
      });
    }
    const seen = Object.fromEntries(statuses);
    console.info(JSON.stringify(seen));
    expect(Object.keys(seen).filter((key) => /\b5\d\d\b/.test(key))).toEqual([]);
    for (const what of ['create 403 plan_limit_reached', 'edit 403 plan_read_only', 'edit 200', 'create 201'])
      expect([what, (seen[what] ?? 0) > 0]).toEqual([what, true]);
  });

  it('an edit of an excess key is never committed after the move that made it read-only was answered', async () => {
    for (let round = 0; round < 15; round += 1) {
      await move('wide');
      for (let { keys } = await state(); keys < 4; keys += 1) await add(`E${round}-${keys}`);
      const { rows } = await pool.query<{ id: string }>(
        'SELECT id::text FROM provider_keys ORDER BY created_at DESC, id DESC LIMIT 1',
        [],
      );
      const newest = fromUuid('aip', rows[0]!.id);
      const edits = Array.from({ length: 6 }, (_, n) =>
        either(owners).patch(`/ai-providers/${newest}`, { defaultModel: `r${round}-${n}` }),
      );
      const moved = await move('narrow');
      expect(moved.status).toBe(200);
      const revision = async () =>
        (
          await pool.query<{ revision: number }>('SELECT revision FROM provider_keys WHERE id = $1', [
            rows[0]!.id,
          ])
        ).rows[0]!.revision;
      const at = await revision();
      for (const { status, body } of await Promise.all(edits))
        if (status !== 200) expect([status, body.code]).toEqual([403, 'plan_read_only']);
      expect(await revision()).toBe(at);
    }
  });
});
