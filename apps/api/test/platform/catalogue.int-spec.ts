import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, PgPool } from '#lib/persistence';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const OPERATOR_TOKEN = 'an-operator-token-of-a-test';
const ACME = {
  name: 'Acme',
  baseUrl: 'https://api.acme.example/v1',
  defaultModel: 'a-1',
  models: [{ id: 'a-1' }],
};

describe('#9 #10 #11 the operator’s catalogue', () => {
  let api: TestApi;
  let owner: Person;
  let operator: Person;
  beforeAll(async () => {
    api = await startTestApi({ env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN } });
    owner = await api.owner();
    operator = api.stranger().withToken(OPERATOR_TOKEN);
  });
  afterAll(() => api.stop());
  beforeEach(async () => void (await operator.put('/platform/catalogue', { providers: [] })));
  const pointers = (body: { errors?: { pointer: string }[] }) => body.errors?.map(({ pointer }) => pointer);

  it('a record is made, changed, cleared and deleted; an omitted member keeps its value', async () => {
    const made = await operator.put('/platform/providers/acme', ACME);
    expect(made.body).toMatchObject({
      slug: 'acme',
      protocol: 'openai',
      isOperatorMade: true,
      isChanged: true,
      models: [{ id: 'a-1' }],
    });
    const changed = await operator.put('/platform/providers/acme', {
      name: 'Acme Inc.',
      clear: ['defaultModel'],
    });
    expect(changed.body).toMatchObject({ name: 'Acme Inc.', baseUrl: ACME.baseUrl, defaultModel: null });
    expect((await owner.get('/providers/acme/models')).body.data).toHaveLength(1);
    expect((await operator.get('/platform/providers/acme')).headers['etag']).toBe(changed.headers['etag']);
    const both = await operator.put('/platform/providers/acme', { name: 'X', clear: ['name'] });
    expect([both.status, pointers(both.body)]).toEqual([422, ['/name']]);
    expect((await operator.delete('/platform/providers/acme')).status).toBe(204);
    const gone = await operator.get('/platform/providers/acme');
    expect([gone.status, gone.body.code]).toEqual([404, 'unknown_provider']);
    expect((await owner.get('/providers')).text).not.toContain('acme');
  });

  it('#53 a price has tiers for long prompts, which the catalogue shows as they were given', async () => {
    const figures = { inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 2 };
    const tiers = [{ aboveInputTokens: 200_000, ...figures, inputMicroUsdPerMTok: 3 }];
    const models = [{ id: 'a-1', price: { ...figures, asOf: '2026-11-21', tiers } }];
    expect((await operator.put('/platform/providers/acme', { ...ACME, models })).status).toBe(200);
    const [shown] = (await owner.get('/providers/acme/models')).body.data;
    expect(shown.price.tiers).toEqual([{ ...tiers[0], cachedInputMicroUsdPerMTok: null }]);
    const wrong = [{ id: 'a-1', price: { ...figures, asOf: '2026-11-21', tiers: [{ ...figures }] } }];
    const refused = await operator.put('/platform/providers/acme', { models: wrong });
    expect(pointers(refused.body)).toEqual(['/models/0/price/tiers/0/aboveInputTokens']);
  });

  it('of Claviger’s own records a deletion takes the operator’s changes back, and no more', async () => {
    await operator.put('/platform/providers/openai', { defaultModel: 'gpt-5', enabled: false });
    const off = (await owner.get('/providers')).body.data.find(
      (one: { slug: string }) => one.slug === 'openai',
    );
    expect(off).toMatchObject({
      platformEnabled: false,
      orgEnabled: true,
      status: 'disabled',
      defaultModel: 'gpt-5',
    });
    expect((await operator.delete('/platform/providers/openai')).status).toBe(204);
    expect((await operator.get('/platform/providers/openai')).body).toMatchObject({
      enabled: true,
      isChanged: false,
      defaultModel: 'gpt-4.1-mini',
    });
    const none = await operator.delete('/platform/providers/openai');
    expect([none.status, none.body.code]).toEqual([409, 'conflict']);
  });

  it.each<[string, object, string[]]>([
    [
      'a private address, which names the operator’s setting',
      { baseUrl: 'https://10.0.0.1/v1' },
      ['/baseUrl'],
    ],
    ['http where https is due', { baseUrl: 'http://api.acme.example/v1' }, ['/baseUrl']],
    ['a user in the URL', { baseUrl: 'https://u:p@api.acme.example' }, ['/baseUrl']],
    ['a query in the URL', { baseUrl: 'https://api.acme.example?key=1' }, ['/baseUrl']],
    [
      'forms of several members',
      { enabled: 'yes', protocol: 'soap', price: 1, surfaces: { 'A b': 1 } },
      ['/price', '/protocol', '/surfaces', '/enabled'],
    ],
    ['null', { name: null }, ['/name']],
    [
      'a model’s price and end',
      {
        models: [
          {
            id: 'm',
            lifecycle: 'retired',
            price: { inputMicroUsdPerMTok: 0.5, outputMicroUsdPerMTok: 1, asOf: '2026-11-21' },
          },
        ],
      },
      ['/models/0/price/inputMicroUsdPerMTok'],
    ],
  ])('refuses %s', async (_name, body, expected) => {
    const refused = await operator.put('/platform/providers/acme', { ...ACME, ...body });
    expect([refused.status, pointers(refused.body)]).toEqual([422, expected]);
    expect((await operator.get('/platform/catalogue')).body.providers).toEqual([]);
  });

  it('a file is judged as a whole, previewed, written atomically, kept as a version, and gone back from', async () => {
    const file = {
      providers: [
        { slug: 'acme', ...ACME },
        { slug: 'openai', models: [{ id: 'gpt-4o', lifecycle: 'retired', replacement: 'gpt-5' }] },
      ],
    };
    const faulty = { providers: [...file.providers, { slug: 'acme', name: 'Twice' }, { slug: 'Bad Slug' }] };
    const refused = await operator.put('/platform/catalogue', faulty);
    expect([refused.status, pointers(refused.body)]).toEqual([
      422,
      ['/providers/2/slug', '/providers/3/slug', '/providers/3/name'],
    ]);
    const { version } = (await operator.get('/platform/catalogue')).body;
    const change = { added: ['acme', 'acme/a-1', 'openai', 'openai/gpt-4o'], changed: [], removed: [] };
    const preview = await operator.put('/platform/catalogue?preview=true', file);
    expect(preview.body).toEqual({ version, preview: true, ...change });
    expect((await operator.get('/platform/catalogue')).body.providers).toEqual([]);
    const written = await operator.put('/platform/catalogue', file);
    expect(written.body).toEqual({ version: version + 1, preview: false, ...change });
    expect((await operator.get('/platform/catalogue')).body).toEqual({ version: version + 1, ...file });
    const again = await operator.put('/platform/catalogue', file);
    expect(again.body.version).toBe(version + 1);
    const [latest] = (await operator.get('/platform/catalogue/versions')).body.data;
    expect(latest).toMatchObject({
      ...{ version: version + 1, action: 'platform:ReplaceCatalogue', actor: 'operator', change },
      ...{ requestId: expect.stringMatching(/^req_/), ip: expect.any(String), createdAt: expect.any(String) },
    });
    const back = await operator.post('/platform/catalogue/rollback', {});
    expect(back.body).toMatchObject({ version: version + 2, removed: change.added });
    expect((await operator.get('/platform/catalogue')).body.providers).toEqual([]);
    expect((await operator.post('/platform/catalogue/rollback', { version: 9_999 })).status).toBe(422);
    const stale = await operator.send('PUT', '/platform/catalogue', file, { 'if-match': '"catalogue-1"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
  });

  it('a provider that keys use does not go, with counts; not by a file and not by going back', async () => {
    await operator.put('/platform/providers/acme', ACME);
    await owner.post('/ai-providers', { name: 'K', provider: 'acme', secret: 'key-0123456789abcdef' });
    const use = [{ provider: 'acme', keys: 1, orgs: 1 }];
    const answers = [
      await operator.delete('/platform/providers/acme'),
      await operator.put('/platform/catalogue', { providers: [] }),
      await operator.post('/platform/catalogue/rollback', { version: 0 }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.use])).toEqual(
      answers.map(() => [409, 'conflict', use]),
    );
    const [{ id }] = (await owner.get('/ai-providers')).body.data;
    await owner.delete(`/ai-providers/${id}`);
    expect((await operator.delete('/platform/providers/acme')).status).toBe(204);
  });

  it('two changes at once: one is written, the other is told; none is lost', async () => {
    const puts = ['one', 'two', 'three', 'four'].map((name) =>
      operator.put(`/platform/providers/${name}-ai`, { ...ACME, name }),
    );
    const statuses = (await Promise.all(puts)).map(({ status }) => status);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    const { providers } = (await operator.get('/platform/catalogue')).body;
    expect(providers).toHaveLength(statuses.filter((status) => status === 200).length);
  });

  it('a boot never overwrites it, and brings what is new', async () => {
    await operator.put('/platform/providers/openai', { defaultModel: 'gpt-5' });
    await operator.put('/platform/providers/acme', ACME);
    const root = new PgPool({ databaseUrl: api.database.superuserUrl, max: 1 });
    await root.query(
      `UPDATE platform_providers SET record = record || '{"name": "Old"}' WHERE slug = 'openai'`,
    );
    await root.query(`DELETE FROM platform_models WHERE provider = 'openai' AND id = 'gpt-5'`);
    await root.close();
    await migrate(api.database.superuserUrl);
    const { database, keyFiles } = api;
    const restarted = await startTestApi({
      env: { CLAVIGER_OPERATOR_TOKEN: OPERATOR_TOKEN },
      database,
      keyFiles,
    });
    const after = await restarted.stranger().withToken(OPERATOR_TOKEN).get('/platform/providers/openai');
    expect(after.body).toMatchObject({ name: 'OpenAI', defaultModel: 'gpt-5' });
    expect(after.body.models).toContainEqual(expect.objectContaining({ id: 'gpt-5' }));
    expect(
      (await restarted.stranger().withToken(OPERATOR_TOKEN).get('/platform/providers/acme')).status,
    ).toBe(200);
    await restarted.stop();
  });

  it('is nobody else’s', async () => {
    for (const person of [owner, api.stranger()])
      for (const answer of [
        await person.get('/platform/providers'),
        await person.put('/platform/catalogue', { providers: [] }),
        await person.get('/platform/catalogue/versions'),
      ])
        expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
  });
});
