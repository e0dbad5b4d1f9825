import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type IdPrefix } from '#lib/kernel';
import { bodyFor, fillPath, operationsOf, type Operation } from '../support/operations.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

/** What a permission document says of one resource holds on every route that names a resource. */
describe('#5 a token reaches only the resources of its document', () => {
  let api: TestApi;
  let owner: Person;
  let operations: Operation[];

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    operations = operationsOf(api).filter(
      ({ permission, path, operator }) =>
        path.includes('{') && !operator && permission !== null && !permission.startsWith('account:'),
    );
  });
  afterAll(() => api.stop());

  const named = (kind: string | null): string => (kind === null ? 'openai' : newId(kind as IdPrefix));
  const call = (who: Person, operation: Operation, inPath: (kind: string | null) => string) =>
    who.send(
      operation.method,
      fillPath(operation.path, inPath),
      bodyFor(operation, (kind) => newId(kind as IdPrefix)),
    );
  const holder = async (...permissions: object[]): Promise<Person> => {
    const { status, body } = await owner.post('/tokens', { name: 'Narrow', kind: 'api', permissions });
    expect(status).toBe(201);
    return owner.withToken(body.token);
  };

  it('an Allow for one resource opens no other, on any operation of the document', async () => {
    const narrow = await holder({ effect: 'Allow', actions: ['*'], resources: ['aip_another', 'groq'] });
    expect(operations.length).toBeGreaterThan(20);
    for (const operation of operations) {
      const { status, body } = await call(narrow, operation, named);
      expect([operation.id, status, body.code]).toEqual([operation.id, 403, 'forbidden']);
    }
  });

  it('a Deny for one resource closes it on every operation, and nothing else', async () => {
    const ids = new Map<string | null, string>();
    const denied = (kind: string | null): string => {
      const id = ids.get(kind) ?? named(kind);
      ids.set(kind, id);
      return id;
    };
    for (const operation of operations) fillPath(operation.path, denied);
    const wide = await holder(
      { effect: 'Allow', actions: ['*'], resources: ['*'] },
      { effect: 'Deny', actions: ['*'], resources: [...ids.values()] },
    );
    for (const operation of operations) {
      expect([operation.id, (await call(wide, operation, denied)).status]).toEqual([operation.id, 403]);
    }
    expect((await wide.get(`/ai-providers/${newId('aip')}`)).status).toBe(404);
    expect((await wide.put('/providers/groq', { enabled: true })).status).toBe(200);
  });

  it('an Allow for one secret destroys that one and not its neighbour', async () => {
    const make = async (name: string): Promise<string> => {
      const body = { name, secret: 'sk-0123456789abcdef', origins: ['https://api.openai.com'] };
      return (await owner.post('/secrets', body)).body.id;
    };
    const [mine, other] = [await make('mine'), await make('other')];
    const narrow = await holder({ effect: 'Allow', actions: ['secrets:*'], resources: [mine] });
    expect((await narrow.delete(`/secrets/${other}`)).status).toBe(403);
    expect((await narrow.delete(`/secrets/${mine}`)).status).toBe(204);
    const left = (await owner.get('/secrets')).body.data.map(({ id }: { id: string }) => id);
    expect(left).toEqual([other]);
  });
});
