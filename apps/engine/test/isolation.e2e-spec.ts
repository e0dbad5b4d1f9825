import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signTicket } from '#lib/access';
import { PERMISSIONS, type EngineTicket } from '#lib/contracts';
import { dumpRoutes } from '#lib/http';
import { newId, toUuid } from '#lib/kernel';
import {
  ask,
  codeOf,
  documentFaults,
  measureIds,
  measureReads,
  measureRefusals,
  printed,
  snapshotRows,
  told,
  writesBetween,
} from '#lib/testing';
import { outsider, type Member } from './support/matrix/house.js';
import {
  committedOperations,
  due,
  idMatrix,
  OPEN,
  ownId,
  realCall,
  sampleBody,
  startMatrix,
  type MatrixStage,
} from './support/matrix/stage.js';

let matrix: MatrixStage;
let before: Awaited<ReturnType<typeof snapshotRows>>;

beforeAll(async () => {
  matrix = await startMatrix();
});
afterAll(() => matrix?.stage.stop());
beforeEach(async () => {
  matrix.stage.upstream.reset();
  before = await rows();
});

const rows = () => snapshotRows(matrix.stage.database.superuserUrl);
const writes = async () => writesBetween(before, await rows());

describe('the execution plane’s isolation matrix, from the OpenAPI document', () => {
  it('#57 the committed document equals the dumped router, and every operation says what it needs', () => {
    const routes = dumpRoutes(matrix.stage.app.getHttpAdapter().getInstance());
    expect(documentFaults(committedOperations(), routes, PERMISSIONS, OPEN)).toEqual([]);
    expect(() => sampleBody({ ...matrix.operations[0]!, id: 'strange.run', hasBody: true })).toThrow(
      /strange\.run/,
    );
  });

  it('#7 a foreign, deleted, unknown, mistyped or malformed id is one and the same 404; nothing is written or sent', async () => {
    const measured = await measureIds(idMatrix(matrix));
    const written = await writes();
    console.info(printed('strange ids, execution plane', measured, written));
    expect([measured.faults, written, matrix.stage.upstream.requests]).toEqual([[], [], []]);
    const taking = matrix.operations.filter(({ places }) => places.length > 0);
    expect([...measured.operations].sort()).toEqual(taking.map(({ id }) => id).sort());
    expect(taking.flatMap(({ id, places }) => places.map(({ name }) => `${id} ${name}`))).toEqual(
      expect.arrayContaining([
        ...['agentRuns.create /agent/model', 'agentRuns.create /agent/routes/0/aiProviderId'],
        ...['agentRuns.create /agent/routes/0/model', 'compare.run /models/0'],
      ]),
    );
    // Thousands of calls: seconds on a machine of its own, more on one that is shared.
  }, 240_000);

  it('#2 #3 #6 refuses every role and kind of token what is not theirs, in the own workspace too; nothing is written or sent', async () => {
    const measured = await measureRefusals({ ...matrix, due, call: realCall });
    const written = await writes();
    console.info(printed('refusals, execution plane', measured, written));
    expect([measured.faults, written, matrix.stage.upstream.requests]).toEqual([[], [], []]);
    const closed = matrix.operations.filter(({ open }) => !open);
    expect([...measured.operations].sort()).toEqual(closed.map(({ id }) => id).sort());
  });

  it('#7 no answer shows another organization’s rows, nor another workspace’s', async () => {
    const [ours, theirs] = matrix.houses;
    const hidden = (caller: Member) => [
      ...[ours, theirs].filter((house) => house !== caller.house).flatMap(({ marks }) => marks),
      ...caller.walled,
    ];
    const measured = await measureReads({ ...matrix, own: ownId, hidden });
    console.info(printed('reads, execution plane', measured, await writes()));
    expect(measured.faults).toEqual([]);
    const owner = ours.members[0]!;
    for (const operation of matrix.operations.filter(({ open, method }) => !open && method === 'GET')) {
      const { text } = await ask(matrix.url, owner, realCall(owner, operation));
      expect([operation.id, ours.marks.some((mark) => text.includes(mark))]).toEqual([operation.id, true]);
    }
  });

  it('answers authentication, wall and permission before it looks at the body', async () => {
    const writing = matrix.operations.filter(({ hasBody }) => hasBody);
    const call = (...[caller, operation]: Parameters<typeof realCall>) => ({
      ...realCall(caller, operation),
      body: { unknown: true },
    });
    const measured = await measureRefusals({ ...matrix, operations: writing, due, call });
    expect(measured.faults).toEqual([]);
  });
});

describe('the control plane’s own entrance', () => {
  const seconds = () => Math.floor(Date.now() / 1_000);
  const present = (authorization: string | null, action: string) =>
    ask(matrix.url, outsider('ticket', authorization ? { authorization } : {}), {
      method: 'POST',
      path: `/internal/v1/key-actions/${action}`,
    });

  it('takes a ticket and nothing else: no session, no token of any kind; nothing is written or sent', async () => {
    for (const operation of matrix.operations.filter(({ id }) => id.startsWith('keyActions.'))) {
      for (const caller of matrix.callers.filter(({ name }) => !name.includes('ticket'))) {
        const answer = await ask(matrix.url, caller, { method: 'POST', path: operation.path });
        expect([operation.id, caller.name, answer.status, codeOf(answer)]).toEqual([
          ...[operation.id, caller.name, 401, 'unauthenticated'],
        ]);
      }
    }
    expect([await writes(), matrix.stage.upstream.requests]).toEqual([[], []]);
  });

  it('#7 a ticket that names another organization’s key is told what one for an unknown key is', async () => {
    const [ours, theirs] = matrix.houses;
    const ticket = (claims: Partial<EngineTicket>) =>
      `Bearer ${signTicket(
        {
          ...{ orgId: ours.tenant.orgId, userId: ours.tenant.owner.userId, aiProviderId: ours.ids.aip },
          ...{ action: 'test', expiresAt: seconds() + 30, ...claims },
        },
        matrix.stage.ticketPrivateKeyPem,
      )}`;
    for (const action of ['test', 'list-models'] as const) {
      const unknown = newId('aip');
      const baseline = told(await present(ticket({ action, aiProviderId: unknown }), action), unknown);
      const foreign = await present(ticket({ action, aiProviderId: theirs.ids.aip }), action);
      expect([foreign.status, told(foreign, theirs.ids.aip)]).toEqual([404, baseline]);
      const { userId } = theirs.tenant.owner;
      expect((await present(ticket({ action, userId }), action)).status).toBe(403);
      const other = action === 'test' ? 'list-models' : 'test';
      expect((await present(ticket({ action: other }), action)).status).toBe(401);
    }
    expect([await writes(), matrix.stage.upstream.requests]).toEqual([[], []]);
  });
});

describe('#5 a token’s own document', () => {
  const deny = (...resources: string[]) => [
    { effect: 'Allow', actions: ['*'], resources: ['*'] },
    { effect: 'Deny', actions: ['*'], resources },
  ];
  const holder = async (permissions: object[]): Promise<Member> => {
    const { stage, houses } = matrix;
    const [{ tenant }] = houses;
    const { tokenId, token } = await stage.tenants.token(tenant.orgId, tenant.owner);
    await stage.db.query('UPDATE tokens SET permissions = $1 WHERE id = $2', [
      JSON.stringify(permissions),
      toUuid(tokenId),
    ]);
    return { ...houses[0].members[5]!, headers: { authorization: `Bearer ${token}` } };
  };
  const at = (path: string) => `/internal/v1/workspaces/${matrix.houses[0].ids.ws}${path}`;
  const post = (caller: Member, node: string) =>
    ask(matrix.url, caller, {
      ...{ method: 'POST', path: at('/agent-runs') },
      body: { nodeExecutionId: node, agent: { model: 'gpt-4.1-mini', prompt: 'Hi.' } },
    });

  it('a denied key is in no model list and serves no run; a denied run is in no list', async () => {
    const [{ ids }] = matrix.houses;
    const get = async (caller: Member, path: string) =>
      (await ask(matrix.url, caller, { method: 'GET', path: at(path) })).text;
    const caller = await holder(deny(ids.aip, ids.run));
    expect(await get(caller, '/models')).not.toContain(ids.aip);
    expect(await get(caller, '/agent-runs')).not.toContain(ids.run);
    expect(codeOf(await post(caller, 'denied'))).toBe('no_provider_key');
    expect([await writes(), matrix.stage.upstream.requests]).toEqual([['tokens'], []]);
    // The control: a document that denies something else changes nothing.
    const other = await holder(deny(newId('aip'), newId('run')));
    expect(await get(other, '/models')).toContain(ids.aip);
    expect(await get(other, '/agent-runs')).toContain(ids.run);
    expect((await post(other, 'not denied')).status).toBe(200);
  });

  it('an Allow for one workspace opens it with its keys and runs, and no other workspace', async () => {
    const [{ ids, secondWorkspace }] = matrix.houses;
    const caller = await holder([{ effect: 'Allow', actions: ['*'], resources: [ids.ws] }]);
    expect((await post(caller, 'allowed')).status).toBe(200);
    const path = `/internal/v1/workspaces/${secondWorkspace}/models`;
    expect((await ask(matrix.url, caller, { method: 'GET', path })).status).toBe(403);
  });
});
