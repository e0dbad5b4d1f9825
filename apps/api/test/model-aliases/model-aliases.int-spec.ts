import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

const PATH = '/model-aliases';
const FAST = { name: 'fast', models: ['claude-haiku-4-5', '@openai/gpt-4.1-mini'] };

describe('#13 aliases of an organization', () => {
  let api: TestApi;
  let owner: Person;
  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
  });
  afterAll(() => api.stop());
  beforeEach(async () => void (await owner.put(PATH, { aliases: [] })));
  const put = (...aliases: object[]) => owner.put(PATH, { aliases });

  it('are replaced as a whole, with an entity tag, for all workspaces or for one; the same again says nothing', async () => {
    const { workspaceId } = owner;
    const saved = await put(FAST, { ...FAST, workspaceId, models: ['gpt-5'] });
    expect(saved.body.data).toEqual([
      { ...FAST, workspaceId: null },
      { name: 'fast', workspaceId, models: ['gpt-5'] },
    ]);
    const read = await owner.get(PATH);
    expect([read.body, read.headers['etag']]).toEqual([saved.body, saved.headers['etag']]);
    const before = (await owner.get('/audit-events?action=modelAliases:ReplaceModelAliases')).body.data
      .length;
    await put(FAST, { ...FAST, workspaceId, models: ['gpt-5'] });
    const log = (await owner.get('/audit-events?action=modelAliases:ReplaceModelAliases')).body.data;
    expect(log).toHaveLength(before);
    expect(log[0].change.after).toEqual(saved.body.data);
  });

  it('never mean a model: not one of the catalogue, not one that a key names', async () => {
    await owner.post('/ai-providers', {
      name: 'K',
      provider: 'ollama',
      models: ['house-fast'],
      baseUrl: 'https://ollama.example',
    });
    const refused = await put({ ...FAST, name: 'gpt-5' }, { ...FAST, name: 'house-fast' });
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/aliases/0/name',
      '/aliases/1/name',
    ]);
  });

  it.each<[string, object[], string]>([
    ['a name given twice', [FAST, FAST], '/aliases/1/name'],
    ['an alias of an alias', [FAST, { name: 'smart', models: ['fast'] }], '/aliases/1/models/0'],
    ['a provider that is none', [{ name: 'fast', models: ['@nonsense/x'] }], '/aliases/0/models/0'],
    ['a name that pins', [{ ...FAST, name: '@openai/fast' }], '/aliases/0/name'],
    ['no model', [{ name: 'fast', models: [] }], '/aliases/0/models'],
  ])('%s is refused', async (_name, aliases, pointer) => {
    const { status, body } = await put(...aliases);
    expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
  });

  it('a foreign workspace is one that does not exist, and nothing is written', async () => {
    const other = await api.owner();
    for (const workspaceId of [other.workspaceId, newId('ws'), 'nonsense'])
      expect((await put({ ...FAST, workspaceId })).body.code).toBe('not_found');
    expect((await owner.get(PATH)).body.data).toEqual([]);
    await put(FAST);
    expect((await other.get(PATH)).body.data).toEqual([]);
  });

  it('a key that is unknown or foreign is one that does not exist; one that has gone since may stay', async () => {
    const key = async (by: Person) =>
      (await by.post('/ai-providers', { name: 'Pinned', provider: 'ollama' })).body.id as string;
    const [own, foreign] = [await key(owner), await key(await api.owner())];
    const pin = (id: string) => ({ name: 'pinned', models: ['gpt-5', `@${id}/llama3.1:8b`] });
    for (const id of [foreign, newId('aip'), 'aip_nonsense'])
      expect((await put(pin(id))).body.code).toBe('not_found');
    expect((await put(pin(own))).status).toBe(200);
    expect((await owner.delete(`/ai-providers/${own}`)).status).toBe(204);
    expect((await put(pin(own), FAST)).status).toBe(200);
    await put(FAST);
    expect((await put(pin(own))).body.code).toBe('not_found');
  });

  it('an id that begins with an @ is a model once a key has it, and a deployment is one, too', async () => {
    const llama = '@cf/meta/llama-3.1-8b-instruct';
    const aliases = [{ name: 'small', models: [llama] }];
    expect((await put(...aliases)).body.errors[0].detail).toContain('no provider "cf"');
    const config = { deployments: { 'house-gpt': 'my-gpt' } };
    for (const sent of [
      {
        name: 'C',
        provider: 'custom',
        secret: 'sk-x-0123456789',
        models: [llama],
        baseUrl: 'https://a.example/v1',
      },
      {
        name: 'A',
        provider: 'azure',
        secret: 'x-0123456789abc',
        config,
        baseUrl: 'https://b.example/openai/v1',
      },
    ])
      expect((await owner.post('/ai-providers', sent)).status).toBe(201);
    expect((await put(...aliases)).status).toBe(200);
    const named = await put({ ...FAST, name: 'house-gpt' });
    expect(named.body.errors?.[0].pointer).toBe('/aliases/0/name');
  });

  it('#5 a limited token sees those of its workspaces, and replaces none that it does not cover', async () => {
    const { workspaceId } = owner;
    await put(FAST, { ...FAST, workspaceId });
    const holder = async (resources: string[]) => {
      const permissions = [{ effect: 'Allow', actions: ['*'], resources }];
      const { body } = await owner.post('/tokens', { name: 'Narrow', kind: 'api', permissions });
      return owner.withToken(body.token);
    };
    const ofOne = await holder([workspaceId]);
    expect((await ofOne.get(PATH)).body.data).toEqual([{ ...FAST, workspaceId }]);
    const ofOrg = await holder([owner.orgId]);
    expect((await ofOrg.get(PATH)).body.data).toEqual([{ ...FAST, workspaceId: null }]);
    for (const token of [ofOne, ofOrg])
      expect((await token.put(PATH, { aliases: [] })).body.code).toBe('forbidden');
    expect((await owner.get(PATH)).body.data).toHaveLength(2);
  });

  it('go with their workspace; OWNER and ADMIN write them, a MEMBER does not see them here', async () => {
    const second = (await owner.post('/workspaces', { name: 'Second' })).body.id as string;
    await put(FAST, { ...FAST, workspaceId: second });
    await owner.delete(`/workspaces/${second}`);
    expect((await owner.get(PATH)).body.data).toHaveLength(1);
    const [admin, member] = [await joinAs(api, owner, 'ADMIN'), await joinAs(api, owner, 'MEMBER')];
    expect((await admin.put(PATH, { aliases: [FAST] })).status).toBe(200);
    expect([(await member.get(PATH)).status, (await member.put(PATH, { aliases: [] })).status]).toEqual([
      403, 403,
    ]);
  });
});
