import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0, shutdownGraceSeconds: 0 });
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-grace-0123456789abc', baseUrl });
});
afterAll(() => stage?.stop());

/** Closes an engine with a run under way that would be over in a moment; answers what became of the run. */
async function closedWith(shutdownGraceSeconds: number) {
  const { app, url } = await stage.second({ shutdownGraceSeconds });
  stage.upstream.reset();
  stage.upstream.script({ text: 'In time.', delayMs: 1_000 });
  const answer = run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Go.' }, { url });
  await until(() => stage.upstream.requests.length === 1);
  await app.close();
  return (await answer).body;
}

describe('#34 the grace of a stop', () => {
  it('is what the operator sets: with none a run ends by name at once, with some it comes to its end', async () => {
    expect(await closedWith(0)).toMatchObject({ code: 'outcome_unknown' });
    expect(await closedWith(50)).toMatchObject({ status: 'succeeded', text: 'In time.' });
  });
});
