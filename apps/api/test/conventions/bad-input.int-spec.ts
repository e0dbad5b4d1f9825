import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type IdPrefix } from '#lib/kernel';
import { fillPath, type MatrixOperation } from '#lib/testing';
import { sampleBody } from '../support/matrix/samples.js';
import { committedOperations } from '../support/matrix/stage.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('bad input answers the right problem and changes nothing', () => {
  let api: TestApi;
  let owner: Person;
  let withBody: MatrixOperation[];
  let before: number;
  const seq = async (): Promise<number> => (await owner.get('/audit-events/checkpoint')).body.seq;

  beforeAll(async () => {
    api = await startTestApi();
    owner = await api.owner();
    withBody = committedOperations().filter((operation) => operation.hasBody && !operation.operator);
    before = await seq();
  });
  afterAll(() => api.stop());

  const idOf = (kind: string): string =>
    ({ org: owner.orgId, ws: owner.workspaceId })[kind] ?? newId(kind as IdPrefix);
  const target = (operation: MatrixOperation): string => fillPath(operation, ({ kind }) => idOf(kind));

  it('broken JSON → 400, on every operation with a body', async () => {
    for (const operation of withBody) {
      for (const text of ['{"name": ', "{'name': 'x'}", '{"a":1}}', '\u0000']) {
        const answer = await owner.sendText(operation.method, target(operation), text);
        expect([operation.id, answer.status, answer.body.code]).toEqual([
          operation.id,
          400,
          'malformed_request',
        ]);
      }
    }
  });

  it('an unknown field → 422 with a pointer to it, on every operation with a body', async () => {
    for (const operation of withBody) {
      const answer = await owner.send(operation.method, target(operation), {
        ...sampleBody(operation, idOf),
        'odd~/one': 1,
      });
      expect([operation.id, answer.status, answer.body.code]).toEqual([
        operation.id,
        422,
        'validation_failed',
      ]);
      expect(answer.body.errors).toContainEqual({
        pointer: '/odd~0~1one',
        detail: 'This field is not known here: remove it.',
      });
    }
  });

  it('a wrong type → 422 with a pointer, for every field of every example', async () => {
    for (const operation of withBody) {
      for (const field of Object.keys(sampleBody(operation, idOf) ?? {})) {
        const wrong = {
          ...sampleBody(operation, idOf),
          [field]: field === 'secret' ? ['this'] : { not: 'this' },
        };
        const answer = await owner.send(operation.method, target(operation), wrong);
        expect([operation.id, field, answer.status]).toEqual([operation.id, field, 422]);
        const pointers: string[] = answer.body.errors.map((fault: { pointer: string }) => fault.pointer);
        expect(pointers.some((pointer) => pointer.startsWith(`/${field}`))).toBe(true);
      }
    }
  });

  it('a body that is no object, and null for a field → 422', async () => {
    for (const operation of withBody) {
      for (const text of ['null', '[]', '"text"', '7']) {
        const answer = await owner.sendText(operation.method, target(operation), text);
        expect([operation.id, text, answer.status]).toEqual([operation.id, text, 422]);
      }
      for (const field of Object.keys(sampleBody(operation, idOf) ?? {})) {
        const answer = await owner.send(operation.method, target(operation), {
          ...sampleBody(operation, idOf),
          [field]: null,
        });
        expect([operation.id, field, answer.status]).toEqual([operation.id, field, 422]);
      }
    }
  });

  it('a 1 MB name → 422, a body over the limit → 413, whatever the operation', async () => {
    const name = 'x'.repeat(1_000_000);
    for (const operation of withBody.filter((one) => 'name' in (sampleBody(one, idOf) ?? {}))) {
      const answer = await owner.send(operation.method, target(operation), {
        ...sampleBody(operation, idOf),
        name,
      });
      expect([operation.id, answer.status]).toEqual([operation.id, 422]);
      expect(answer.text.length).toBeLessThan(2_000);
    }
    const large = JSON.stringify({ name: 'x'.repeat(1_100_000) });
    for (const operation of withBody) {
      const answer = await owner.sendText(operation.method, target(operation), large);
      expect([operation.id, answer.status, answer.body.code]).toEqual([
        operation.id,
        413,
        'payload_too_large',
      ]);
    }
  });

  it('what is made to be slow or deep is answered like anything else', async () => {
    const name = `${'a'.repeat(900_000)}\u0001`;
    const signUp = { email: `${'a'.repeat(900_000)}@x`, password: 'x'.repeat(10), name: 'x', orgName: 'y' };
    expect((await owner.post('/workspaces', { name })).status).toBe(422);
    expect((await api.stranger().post('/auth/signup', signUp)).status).toBe(422);
    expect((await api.stranger().post('/auth/signup', { ...signUp, email: 'a@b.test', name })).status).toBe(
      422,
    );
    const deep = `{"name":${'['.repeat(400_000)}${']'.repeat(400_000)}}`;
    expect((await owner.sendText('POST', '/workspaces', deep)).body.code).toBe('malformed_request');
    const many = `{${Array.from({ length: 50_000 }, (_, n) => `"f${n}":0`).join(',')}}`;
    const answer = await owner.sendText('POST', '/workspaces', many);
    expect([answer.status, answer.body.errors.length]).toEqual([422, 50]);
  });

  it('a NUL and unpaired surrogates in text never reach the database as a failure', async () => {
    for (const name of ['a\u0000b', '\ud800', 'a\u202eb']) {
      const answer = await owner.post('/workspaces', { name });
      expect([422, 201]).toContain(answer.status);
      if (answer.status === 201) await owner.delete(`/workspaces/${answer.body.id}`);
    }
    expect((await owner.get('/audit-events?actor=a%00b')).status).toBe(422);
    expect((await owner.get('/members?cursor=%00')).status).toBe(422);
    expect((await owner.get('/members/%00/x')).status).toBe(404);
    expect((await owner.delete('/tokens/tok_%00')).status).toBe(404);
    before = await seq();
  });

  it('and after all this nothing has changed', async () => {
    expect(await seq()).toBe(before);
  });
});
