import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { newId, type IdPrefix } from '#lib/kernel';
import { bodyFor, fillPath, namesRow, operationsOf, type Operation } from '../support/operations.js';
import { noticeTo } from '../support/notices.js';
import type { Person } from '../support/person.js';
import { joinAs } from '../support/team.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

/** Operations whose body names rows by id. */
const IDS_IN_BODY = ['account.activeOrg', 'tokens.create', 'assignments.replace', 'providerKeys.create'];

describe('#7 another tenant’s id answers exactly like an id that does not exist', () => {
  let api: TestApi;
  let victim: Person;
  let attacker: Person;
  let operations: Operation[];
  const victims: Record<string, string> = {};

  beforeAll(async () => {
    api = await startTestApi();
    [victim, attacker] = [await api.owner(), await api.owner()];
    operations = operationsOf(api);
    const member = await joinAs(api, victim, 'MEMBER');
    const key = { name: 'Key', provider: 'openai', secret: 'sk-victim-0123456789abcdef' };
    const id = async (path: string, body: object): Promise<string> => (await victim.post(path, body)).body.id;
    Object.assign(victims, {
      org: victim.orgId,
      mem: member.memberId,
      ws: victim.workspaceId,
      inv: await id('/invites', {}),
      tok: await id('/tokens', { name: 'Token', kind: 'api' }),
      aip: await id('/ai-providers', key),
      sec: await id('/secrets', {
        name: 'Secret',
        secret: 'sk-victim-0123456789abcdef',
        origins: ['https://api.openai.com'],
      }),
      ntc: await noticeTo(api, victim),
      ses: (await victim.get('/auth/sessions')).body.data[0].id,
    });
  });
  afterAll(() => api.stop());

  const own = (kind: string): string =>
    ({ org: attacker.orgId, ws: attacker.workspaceId, mem: attacker.memberId })[kind] ?? '';
  /** Everything but what must differ: the request's own id and path. */
  const told = ({ status, body }: Response) => {
    const { requestId: _requestId, instance: _instance, ...rest } = body;
    return { status, rest };
  };
  const call = (
    operation: Operation,
    inPath: (kind: string) => string,
    inBody: (kind: string) => string,
    who = attacker,
  ) => {
    const path = fillPath(operation.path, (kind) => (kind === null ? 'openai' : inPath(kind)));
    return who.send(operation.method, path, bodyFor(operation, inBody));
  };
  const theirs = (kind: string): string => {
    const id = victims[kind];
    if (!id) throw new Error(`the victim has no ${kind}`);
    return id;
  };
  const unknown = (kind: string): string => newId(kind as IdPrefix);

  it('in the path, for every operation of the document', async () => {
    const asked = operations.filter(({ path, operator }) => namesRow(path) && !operator);
    expect(asked.length).toBeGreaterThan(25);
    for (const operation of asked) {
      const foreign = told(await call(operation, theirs, unknown));
      const absent = told(await call(operation, unknown, unknown));
      const malformed = told(await call(operation, () => 'nonsense', unknown));
      const otherKind = told(await call(operation, () => newId('evt'), unknown));
      expect({ operation: operation.id, ...foreign }).toEqual({ operation: operation.id, ...absent });
      expect([operation.id, foreign.status, foreign.rest.code]).toEqual([operation.id, 404, 'not_found']);
      expect([operation.id, malformed, otherKind]).toEqual([operation.id, absent, absent]);
    }
  });

  it('in a second place of the path, where the first is one’s own', async () => {
    const nested = operations.filter((operation) => (operation.path.match(/\{\w+\}/g) ?? []).length > 1);
    expect(nested.length).toBeGreaterThanOrEqual(2);
    for (const operation of nested) {
      const mine = (member: string) => (kind: string) => (kind === 'mem' ? member : own(kind));
      const foreign = told(await call(operation, mine(theirs('mem')), unknown));
      expect(foreign).toEqual(told(await call(operation, mine(newId('mem')), unknown)));
      expect(foreign.status).toBe(404);
    }
  });

  it('in the body', async () => {
    for (const operation of operations.filter(({ id }) => IDS_IN_BODY.includes(id))) {
      const foreign = told(await call(operation, own, theirs));
      expect({ operation: operation.id, ...foreign }).toEqual({
        operation: operation.id,
        ...told(await call(operation, own, unknown)),
      });
      expect([operation.id, foreign.status]).toEqual([operation.id, 404]);
    }
  });

  it('and changes nothing: the victim’s rows are as before, and nobody else’s log speaks of them', async () => {
    for (const path of [
      `/workspaces/${victims['ws']}`,
      `/ai-providers/${victims['aip']}`,
      `/orgs/${victims['org']}`,
    ]) {
      expect([path, (await victim.get(path)).status]).toEqual([path, 200]);
    }
    const text = (await attacker.get('/audit-events?limit=200')).text;
    for (const id of Object.values(victims)) expect(text).not.toContain(id);
  });
});
