import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { ask, codeOf, fillPath, measureIds, measureReads, printed, type MatrixOperation } from '#lib/testing';
import { headersOf, type House, type Kind, type Member } from '../support/matrix/house.js';
import { sampleBody } from '../support/matrix/samples.js';
import { noticeTo } from '../support/notices.js';
import { ownId, startMatrix, type MatrixStage } from '../support/matrix/stage.js';
import type { Person } from '../support/person.js';

/** What a permission document says of one resource holds on every operation: in path, query and body, and in lists. */
describe('#5 a token reaches only the resources of its document', () => {
  let stage: MatrixStage;
  let house: House;
  let owner: Person;
  /** Ids of the same organization that the documents here leave out. */
  const left: Partial<Record<Kind, string>> = {};
  let operations: MatrixOperation[];

  beforeAll(async () => {
    stage = await startMatrix();
    [house] = stage.houses;
    owner = house.owner;
    const id = async (path: string, body: object): Promise<string> => (await owner.post(path, body)).body.id;
    const secret = 'sk-left-0123456789abcdef';
    Object.assign(left, {
      ws: house.secondWorkspace,
      aip: await id('/ai-providers', { name: 'left out', provider: 'openai', secret }),
      sec: await id('/secrets', { name: 'left out', secret, origins: ['https://api.openai.com'] }),
      tok: await id('/tokens', { name: 'left out', kind: 'api' }),
      inv: await id('/invites', {}),
      ntc: await noticeTo(stage.api, owner),
      mem: owner.memberId,
      pol: await id('/policies', {
        name: 'left out',
        scope: { type: 'organization' },
        severity: 'LOW',
        rules: [{ type: 'models', deny: ['nothing-*'] }],
      }),
      quo: await id('/quotas', {
        ...{ name: 'left out', scope: { type: 'organization' }, metric: 'runs', window: 'day', max: 9 },
      }),
      prc: await id('/price-overrides', {
        ...{ provider: 'openai', model: 'left-out', inputMicroUsdPerMTok: 1, outputMicroUsdPerMTok: 1 },
      }),
      mcp: await id('/mcp-servers', { name: 'left out', url: 'https://1.1.1.1/mcp' }),
      whk: await id('/webhooks', {
        ...{ name: 'left out', url: 'https://1.1.1.1/hook', events: ['run.finished'] },
      }),
    });
    operations = stage.operations.filter(
      ({ permission }) => permission !== null && !permission.startsWith('account:'),
    );
  });
  afterAll(() => stage.api.stop());

  const statement = (effect: 'Allow' | 'Deny', resources: string[]) => ({
    effect,
    actions: ['*'],
    resources,
  });
  const holder = async (name: string, ...permissions: object[]): Promise<Member> => {
    const { status, body } = await owner.post('/tokens', { name: 'Narrow', kind: 'api', permissions });
    expect(status).toBe(201);
    const headers = headersOf(owner.withToken(body.token));
    return { ...house.members[0]!, name, headers };
  };
  /** One row of each kind but the organization itself. */
  const chosen = () => Object.entries(house.ids).flatMap(([kind, id]) => (kind === 'org' ? [] : [id]));
  const narrow = () => holder('a token of one row of each kind', statement('Allow', chosen()));
  const wide = () =>
    holder('a token of all but some', statement('Allow', ['*']), statement('Deny', Object.values(left)));
  const namesNone = ({ path }: MatrixOperation) => !path.includes('{');
  const LISTS = [
    'catalog',
    'invites',
    'mcpServers',
    'members',
    'modelAliases',
    'notices',
    'policies',
    'priceBook',
    'providerKeys',
    'quotas',
    'secrets',
    'tokens',
    'webhooks',
    'workspaces',
  ].map((room) => `${room}.list`);

  /** Lists of rows that need no other row's cover: the catalogue is everybody's, and a notice follows its key, an alias its workspace. */
  const OF_THEIR_OWN = LISTS.filter(
    (id) => !['catalog.list', 'notices.list', 'modelAliases.list'].includes(id),
  );

  it('an Allow for one resource opens no other, on any operation that names one', async () => {
    const other = await holder('a token of another key', statement('Allow', [newId('aip'), 'groq']));
    const naming = operations.filter((operation) => !namesNone(operation));
    expect(naming.length).toBeGreaterThan(25);
    const wrong: string[] = [];
    for (const operation of naming) {
      const path = fillPath(operation, (place) => ownId(other, place));
      const body = sampleBody(operation, (kind) => house.ids[kind as Kind]);
      const answer = await ask(stage.api.url, other, { method: operation.method, path, body });
      if (answer.status !== 403 || codeOf(answer) !== 'forbidden')
        wrong.push(`${operation.id} ${answer.status}`);
    }
    expect(wrong).toEqual([]);
  });

  it('a Deny for some resources closes them on every operation, and nothing else', async () => {
    const caller = await wide();
    const naming = operations.filter(({ places }) =>
      places.some((place) => place.in === 'path' && left[place.kind as Kind]),
    );
    for (const operation of naming) {
      const path = fillPath(operation, ({ kind }) => left[kind as Kind] ?? house.ids[kind as Kind]);
      const body = sampleBody(operation, (kind) => house.ids[kind as Kind]);
      const answer = await ask(stage.api.url, caller, { method: operation.method, path, body });
      expect([operation.id, answer.status]).toEqual([operation.id, 403]);
    }
    const get = (path: string) => ask(stage.api.url, caller, { method: 'GET', path: `/api/v1${path}` });
    expect((await get(`/ai-providers/${newId('aip')}`)).status).toBe(404);
    expect((await get(`/ai-providers/${house.ids.aip}`)).status).toBe(200);
  });

  it('no list shows what the document leaves out, and each shows what it covers', async () => {
    const callers = [await narrow(), await wide()];
    // The rows themselves: one that is shown may refer to another (a token to its owner, a secret to its key).
    const hidden = () => Object.values(left).map((id) => `"id":"${id}"`);
    const lists = operations.filter(
      ({ method, places }) => method === 'GET' && !places.some((place) => place.in === 'path'),
    );
    const measured = await measureReads({
      url: stage.api.url,
      operations: lists,
      callers,
      own: ownId,
      hidden,
    });
    console.info(printed('reads of narrow tokens, control plane', measured, []));
    expect(measured.faults).toEqual([]);
    for (const operation of lists.filter(({ id }) => OF_THEIR_OWN.includes(id))) {
      for (const caller of callers) {
        const { text } = await ask(stage.api.url, caller, { method: 'GET', path: operation.path });
        expect([operation.id, chosen().some((id) => text.includes(id))]).toEqual([operation.id, true]);
        // The control: to the owner the same list shows both.
        const all = await ask(stage.api.url, house.members[0]!, { method: 'GET', path: operation.path });
        expect([operation.id, hidden().some((id) => all.text.includes(id))]).toEqual([operation.id, true]);
      }
    }
  });

  it('a page stays full, and leads on, though rows in between are left out', async () => {
    const keys: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const body = { name: `page ${i}`, provider: 'ollama', baseUrl: 'https://ollama.example' };
      keys.push((await owner.post('/ai-providers', body)).body.id);
    }
    const covered = keys.filter((_, index) => index % 2 === 1);
    const caller = await holder('every second key', statement('Allow', covered));
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const path = `/api/v1/ai-providers?limit=2${cursor && `&cursor=${cursor}`}`;
      const page = JSON.parse((await ask(stage.api.url, caller, { method: 'GET', path })).text) as {
        data: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...page.data.map(({ id }) => id));
      if (page.nextCursor === null) break;
      expect(page.data).toHaveLength(2);
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(covered);
  });

  it('what names no row acts on the organization: closed to a document of single rows, open to one of `*`', async () => {
    const caller = await narrow();
    const whole = operations.filter((operation) => namesNone(operation) && !LISTS.includes(operation.id));
    expect(whole.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['audit.export', 'providerKeys.create', 'usage.get']),
    );
    const call = (operation: MatrixOperation) => ({
      method: operation.method,
      path: operation.path,
      body: sampleBody(operation, (kind) => house.ids[kind as Kind]),
    });
    const { result, writes } = await stage.writesOf(async () => {
      const open: string[] = [];
      for (const operation of whole) {
        const answer = await ask(stage.api.url, caller, call(operation));
        if (answer.status !== 403) open.push(`${operation.id} ${answer.status}`);
      }
      return open;
    });
    expect([result, writes]).toEqual([[], []]);
    const reading = whole.filter(({ method }) => method === 'GET');
    const everything = await holder('a token of *', statement('Allow', ['*']));
    for (const operation of reading)
      expect([operation.id, (await ask(stage.api.url, everything, call(operation))).status]).toEqual([
        operation.id,
        200,
      ]);
    // A log or a sum cannot leave single rows out, so a document that does may not read it.
    const allBut = await wide();
    for (const operation of reading)
      expect([operation.id, (await ask(stage.api.url, allBut, call(operation))).status]).toEqual([
        operation.id,
        403,
      ]);
  });

  it('an id in a query or a body that the document leaves out is refused, whether there is such a row or not', async () => {
    const callers = [await narrow(), await wide()];
    const beside = operations
      .map((operation) => ({
        ...operation,
        places: operation.places.filter(
          (place) => place.in !== 'path' && place.spelling === '*' && left[place.kind as Kind],
        ),
      }))
      .filter(({ places, permission }) => places.length > 0 && !permission?.startsWith('audit:'));
    const { result, writes } = await stage.writesOf(() =>
      measureIds({
        url: stage.api.url,
        operations: beside,
        callers: callers.slice(0, 1),
        unknown: ({ kind }) => newId(kind),
        own: ownId,
        strange: (_caller, _operation, { kind }) => ({ 'a left out': left[kind as Kind] ?? '' }),
        due: () => 403,
        body: (operation) => sampleBody(operation, (kind) => house.ids[kind as Kind]),
      }),
    );
    console.info(printed('ids beside the path, narrow tokens', result, writes));
    expect([result.faults, writes]).toEqual([[], []]);
    for (const operation of beside.filter(({ method }) => method !== 'GET')) {
      const body = sampleBody(operation, (kind) => left[kind as Kind] ?? house.ids[kind as Kind]);
      if (!Object.values(left).some((id) => JSON.stringify(body).includes(id))) continue;
      const path = fillPath(
        { ...operation, places: stage.operations.find(({ id }) => id === operation.id)!.places },
        (place) => ownId(callers[1]!, place),
      );
      const answer = await ask(stage.api.url, callers[1]!, { method: operation.method, path, body });
      expect([operation.id, answer.status]).toEqual([operation.id, 403]);
    }
  });

  it('replacing the keys of a workspace may not take one away that the document leaves out', async () => {
    const ws = left.ws!;
    await owner.put(`/workspaces/${ws}/ai-providers`, { assignments: [{ aiProviderId: left.aip }] });
    const caller = await holder('one workspace, one key', statement('Allow', [ws, house.ids.aip]));
    const put = (assignments: object[]) =>
      ask(stage.api.url, caller, {
        method: 'PUT',
        path: `/api/v1/workspaces/${ws}/ai-providers`,
        body: { assignments },
      });
    expect((await put([])).status).toBe(403);
    expect((await put([{ aiProviderId: house.ids.aip }])).status).toBe(403);
    expect((await owner.get(`/workspaces/${ws}/ai-providers`)).body.data).toHaveLength(1);
    await owner.put(`/workspaces/${ws}/ai-providers`, { assignments: [] });
    expect((await put([{ aiProviderId: house.ids.aip }])).status).toBe(200);
  });

  it('an Allow for one secret destroys that one and not its neighbour', async () => {
    const caller = await holder('one secret', statement('Allow', [house.ids.sec]));
    const destroy = async (id: string) =>
      (await ask(stage.api.url, caller, { method: 'DELETE', path: `/api/v1/secrets/${id}` })).status;
    expect([await destroy(left.sec!), await destroy(house.ids.sec)]).toEqual([403, 204]);
  });
});
