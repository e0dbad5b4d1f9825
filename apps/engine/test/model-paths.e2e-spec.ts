import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addPolicy } from './support/policies.js';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
});

const vertexKey = () =>
  stage.tenants.key(tenant, {
    ...{ provider: 'vertex', secret: 'AIzaVertexExpress0123456789' },
    baseUrl: stage.upstream.baseUrls.vertex,
  });

describe('#14 #50 a model id is no path: the key goes nowhere else on its own host', () => {
  it.each([
    ...['../../admin/keys?x=', '../../../../../admin/keys?x=', '..%2f..%2fadmin#', 'a/../../other/models/m'],
    ...['models/gemini-2.5-pro', 'x y'],
  ])('vertex: %s', async (model) => {
    await vertexKey();
    const { status, body } = await run(stage, tenant, { provider: 'vertex', model, prompt: 'Hi.' });
    expect([status, body.code]).toEqual([422, 'model_not_available']);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('at a base URL of the key’s own, though an OWNER named that id', async () => {
    const model = 'models/gemini-2.5-pro';
    await stage.tenants.key(tenant, {
      ...{ provider: 'custom', secret: 'sk-custom-0123456789abcd', config: { protocol: 'gemini' } },
      ...{ baseUrl: `${stage.upstream.url}/gemini/v1`, models: [model] },
    });
    const { status, body } = await run(stage, tenant, { provider: 'custom', model, prompt: 'Hi.' });
    expect([status, body.code]).toEqual([422, 'model_not_available']);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('#46 and passes by no policy under another spelling', async () => {
    await vertexKey();
    await addPolicy(stage, tenant, [{ type: 'models', deny: ['gemini-2.5-pro'] }], { severity: 'HIGH' });
    for (const model of ['x/../models/gemini-2.5-pro', 'models/gemini-2.5-pro', './gemini-2.5-pro']) {
      const { body } = await run(stage, tenant, { provider: 'vertex', model, prompt: 'Hi.' });
      expect([model, body.code]).toEqual([model, 'model_not_available']);
    }
    expect(stage.upstream.requests).toEqual([]);
  });
});
