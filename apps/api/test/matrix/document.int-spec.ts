import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertEveryRouteDeclares } from '#lib/access';
import { PERMISSIONS } from '#lib/contracts';
import { dumpRoutes } from '#lib/http';
import { documentFaults, type MatrixOperation } from '#lib/testing';
import { OPEN } from '../support/matrix/samples.js';
import { committedOperations } from '../support/matrix/stage.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('the OpenAPI document', () => {
  let api: TestApi;
  const operations: MatrixOperation[] = committedOperations();
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('#57 as committed equals the dumped router; each operation names a permission that exists, and has a name of its own', () => {
    const routes = dumpRoutes(api.app.getHttpAdapter().getInstance());
    expect(documentFaults(operations, routes, PERMISSIONS, OPEN)).toEqual([]);
    expect(
      operations
        .filter(({ open }) => open)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...OPEN].sort());
  });

  it('is served', async () => {
    const served = await api.stranger().get('/openapi.json');
    expect([served.status, served.body.openapi]).toEqual([200, '3.1.0']);
    expect(Object.keys(served.body.paths).sort()).toEqual(
      [...new Set(operations.map(({ path }) => path))].sort(),
    );
  });

  it('describes an application whose every route declares itself', () => {
    expect(() => assertEveryRouteDeclares(api.app)).not.toThrow();
  });
});
