import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertEveryRouteDeclares } from '#lib/access';
import { PERMISSIONS } from '#lib/contracts';
import { dumpRoutes } from '#lib/http';
import { operationsOf } from '../support/operations.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

describe('the OpenAPI document', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('#57 equals the dumped router', () => {
    const router = dumpRoutes(api.app.getHttpAdapter().getInstance()).map(
      ({ method, path }) => `${method} ${path}`,
    );
    const documented = operationsOf(api).map(({ method, path }) => `${method} ${path}`);
    expect(documented.sort()).toEqual(router.sort());
  });

  it('is served, names a permission that exists for every operation that is not public, and gives each a name of its own', async () => {
    const served = await api.stranger().get('/openapi.json');
    expect([served.status, served.body.openapi]).toEqual([200, '3.1.0']);
    const operations = operationsOf(api);
    const open = operations
      .filter(({ permission, operator }) => permission === null && !operator)
      .map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([
      'GET /api/v1/invites/{token}/accept',
      'GET /api/v1/openapi.json',
      'GET /livez',
      'GET /readyz',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/signup',
      'POST /api/v1/invites/{token}/accept',
    ]);
    for (const { permission } of operations)
      if (permission !== null) expect(PERMISSIONS).toContain(permission);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  });

  it('describes an application whose every route declares itself', () => {
    expect(() => assertEveryRouteDeclares(api.app)).not.toThrow();
  });
});
