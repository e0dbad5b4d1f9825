import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { issueToken, ManualClock, newId } from '#lib/kernel';
import { FakeKms, FakeSts } from '#lib/testing';
import { createApp } from '../src/create-app.js';
import { usageRows } from './support/compatible.js';
import { DatabaseTap } from './support/database-tap.js';
import { ownTenant, type OwnTenant } from './support/own-tenant.js';
import { startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

process.env.AWS_ACCESS_KEY_ID = 'AKIDENGINE';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

const WARM_CALLS = 200;
const STAMPEDE = 100;

let kms: FakeKms;
let sts: FakeSts;
let stage: Stage;
let tap: DatabaseTap;
let app: NestFastifyApplication;
let tenant: OwnTenant;
let token: string;
let url: string;

beforeAll(async () => {
  kms = await FakeKms.start();
  sts = await FakeSts.start();
  kms.sts = sts;
  const endpoints = { stsEndpoint: sts.url, kmsEndpoint: kms.url };
  stage = await startStage({ orgKms: { region: 'eu-central-1', ...endpoints, principals: null } });
  tap = await DatabaseTap.start(stage.config.databaseUrl);
});
afterAll(async () => {
  await stage?.stop();
  await Promise.all([tap?.stop(), kms.stop(), sts.stop()]);
});
beforeEach(async () => {
  tenant = await ownTenant(stage, kms, sts);
  const { orgId, owner, workspaceId } = tenant;
  token = (await stage.tenants.token(orgId, owner, 'workspace', workspaceId)).token;
  await stage.tenants.key(tenant, {
    ...{ provider: 'openai', secret: 'sk-warm-0123456789abcdef', baseUrl: stage.upstream.baseUrls.openai },
  });
  // By its own clock no state of this engine grows old: however busy the machine is, the fence has nothing to ask again.
  app = await createApp({ ...stage.config, databaseUrl: tap.url }, { clock: new ManualClock(new Date()) });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  // So that there is a connection to ask over.
  expect(await call(issueToken('workspace', newId('tok')).token)).toBe(401);
});
afterEach(async () => {
  tap.silent = false;
  await app?.close();
});

async function call(bearer = token): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: '{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"Hi."}]}',
  });
  await answer.text();
  return answer.status;
}
const calls = (count: number) => Promise.all(Array.from({ length: count }, () => call()));
const stateQueries = () => tap.queries.filter((text) => text.includes('lookup.authorised_state')).length;

describe('the warm path, counted at the wire', () => {
  it('awaits no query and no KMS: 200 calls are answered while the database answers nothing at all', async () => {
    expect(await call()).toBe(200);
    await usageRows(stage, tenant, 1);
    const [opened, before] = [kms.calls.length, tap.queries.length];
    tap.silent = true;
    const statuses: number[] = [];
    while (statuses.length < WARM_CALLS) statuses.push(...(await calls(20)));
    expect(statuses).toEqual(Array(WARM_CALLS).fill(200));
    // What goes on by itself (a refresh, a heartbeat, one batch of receipts) asks by the clock, not by the call.
    expect(tap.queries.length - before).toBeLessThan(WARM_CALLS / 4);
    expect(kms.calls.length).toBe(opened);
    tap.silent = false;
    expect(await usageRows(stage, tenant, WARM_CALLS + 1)).toHaveLength(WARM_CALLS + 1);
    expect(kms.calls.length).toBe(opened);
  });

  it('control: the tap holds back what is awaited, and sees it', async () => {
    tap.silent = true;
    const asked = stateQueries();
    const waiting = call();
    await until(() => stateQueries() > asked);
    expect(await Promise.race([waiting, delay(300, 'waits')])).toBe('waits');
    tap.silent = false;
    expect(await waiting).toBe(200);
  });

  it('cold: a stampede of 100 is one state query and one KMS call', async () => {
    let arrived = 0;
    app.getHttpServer().on('request', () => (arrived += 1));
    const [asked, opened, started] = [stateQueries(), kms.count('Decrypt'), performance.now()];
    // Nobody is answered before all are here, or for as long as a read may take: nobody finds what another one has read already.
    tap.silent = true;
    const stampede = calls(STAMPEDE);
    while (arrived < STAMPEDE && performance.now() - started < 1_000) await delay(5);
    expect(stateQueries() - asked).toBe(1);
    tap.silent = false;
    expect(await stampede).toEqual(Array(STAMPEDE).fill(200));
    expect(kms.count('Decrypt') - opened).toBe(1);
    // Besides it there is the refresh of what is known by then, once a second.
    expect(stateQueries() - asked).toBeLessThanOrEqual(2 + (performance.now() - started) / 1_000);
  });
});
