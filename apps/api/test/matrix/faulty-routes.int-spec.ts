import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertEveryRouteDeclares } from '#lib/access';
import { PERMISSIONS } from '#lib/contracts';
import { dumpRoutes } from '#lib/http';
import { documentFaults, measureIds, measureReads, readOperations, type MatrixDocument } from '#lib/testing';
import { startFaulty } from '../support/matrix/faulty.js';
import { idMatrix } from '../support/matrix/ids.js';
import { OPEN } from '../support/matrix/samples.js';
import { FOREIGN_TERMS, ownId, startMatrix, type MatrixStage } from '../support/matrix/stage.js';

/** The control of the matrices: mistakes made on purpose, over real HTTP, and the very same functions. */
describe('a route with a mistake in it is caught', () => {
  let stage: MatrixStage;
  let faulty: Awaited<ReturnType<typeof startFaulty>>;
  beforeAll(async () => {
    stage = await startMatrix();
    faulty = await startFaulty(stage.api);
  });
  afterAll(async () => {
    await faulty.stop();
    await stage.api.stop();
  });

  const slippedIn = () =>
    readOperations(faulty.document as MatrixDocument, FOREIGN_TERMS).filter(({ path }) =>
      path.startsWith('/api/v1/faulty'),
    );
  const only = (path: string) =>
    slippedIn().filter((operation) => operation.path === `/api/v1/faulty/${path}`);
  const measured = (path: string) => {
    const matrix = idMatrix({ ...stage, operations: only(path) });
    return stage.writesOf(() =>
      measureIds({ ...matrix, url: faulty.url, body: ({ hasBody }) => (hasBody ? {} : undefined) }),
    );
  };

  it('that reads a row by its id without the tenant wall', async () => {
    const { result, writes } = await measured('workspaces/{id}');
    expect(result.faults).toContainEqual(
      expect.stringMatching(
        /^ours’s OWNER: GET \/api\/v1\/faulty\/workspaces\/\{id\}, path id: a foreign id answered 200/,
      ),
    );
    expect(result.faults).toContainEqual(
      expect.stringMatching(/joined nothing: .* a walled \(1\) id answered 200/),
    );
    expect(writes).toEqual([]);
  });

  it('that answers a 404 and writes all the same', async () => {
    const { result, writes } = await measured('invites/{id}');
    expect([result.faults, writes]).toEqual([[], ['invites']]);
  });

  it('that believes an id in a body', async () => {
    const { result } = await measured('links');
    expect(result.faults).toContainEqual(
      expect.stringMatching(/body \/workspaceId: a foreign id answered 200/),
    );
  });

  it('that lists everybody’s rows', async () => {
    const callers = stage.houses[1].members;
    const hidden = () => stage.houses[0].marks;
    const reads = await measureReads({
      url: faulty.url,
      operations: only('workspaces'),
      callers,
      own: ownId,
      hidden,
    });
    expect(reads.faults).toContainEqual(expect.stringContaining('theirs’s MEMBER who joined nothing: GET'));
  });

  it('that is not in the document, that declares nothing, and that is open by mistake', () => {
    const routes = dumpRoutes(faulty.app.getHttpAdapter().getInstance());
    const operations = readOperations(faulty.document, FOREIGN_TERMS);
    expect(documentFaults(operations, routes, PERMISSIONS, OPEN)).toEqual([
      'GET /api/v1/faulty/hidden is not in the document',
      'GET /api/v1/faulty/plan declares no permission',
      'GET /api/v1/faulty/prices is open to everybody, and nobody meant it to be',
    ]);
    expect(() => assertEveryRouteDeclares(faulty.app)).toThrow(/faulty\/plan/);
  });

  it('that takes an id of which nobody said what it names', () => {
    const silent = { paths: { '/api/v1/gizmos/{id}': { get: { operationId: 'gizmos.get' } } } };
    expect(() => readOperations(silent)).toThrow(/say .* what \{id\} names in \/api\/v1\/gizmos/);
    const body = {
      content: { 'application/json': { schema: { properties: { gizmoId: { type: 'string' } } } } },
    };
    const posted = { paths: { '/api/v1/x': { post: { operationId: 'x.make', requestBody: body } } } };
    expect(() => readOperations(posted)).toThrow(/\/gizmoId of x\.make/);
  });
});
