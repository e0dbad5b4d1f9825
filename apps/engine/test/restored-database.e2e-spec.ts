import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appendCheckpoints, CheckpointSigner, CheckpointStore } from '#lib/persistence';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let folder: string;
let signer: CheckpointSigner;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-restored-'));
  const pair = generateKeyPairSync('ed25519');
  const [publicPem, privatePem] = [
    pair.publicKey.export({ type: 'spki', format: 'pem' }),
    pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ].map(String);
  writeFileSync(join(folder, 'public.pem'), publicPem ?? '');
  signer = new CheckpointSigner(privatePem ?? '');
  const checkpoints = { path: join(folder, 'audit.ndjson'), publicKeyPath: join(folder, 'public.pem') };
  stage = await startStage({ checkpoints });
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-restored-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});
afterAll(async () => {
  await stage?.stop();
  rmSync(folder, { recursive: true });
});

async function becomes(status: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 100) {
    if ((await fetch(`${stage.url}/readyz`)).status === status) return;
    await delay(100);
  }
  throw new Error(`/readyz did not become ${status}`);
}

/** Adds a line to the file of checkpoints, as a worker of another time did. */
async function checkpoint(epoch: number, by = signer, deployment = stage.config.deployment): Promise<void> {
  const facts = {
    kind: 'checkpoint' as const,
    deployment,
    epoch,
    orgId: tenant.orgId,
    seq: 1,
    hash: '00',
    at: 'now',
  };
  await appendCheckpoints(join(folder, 'audit.ndjson'), [by.sign(facts)]);
}

describe('a restored old backup', () => {
  it('is noticed: nothing is sent until an operator acknowledges it, and a forged or foreign line does nothing', async () => {
    expect(await run(stage, tenant, AGENT)).toMatchObject({ status: 200 });
    const { privateKey } = generateKeyPairSync('ed25519');
    await checkpoint(
      90,
      new CheckpointSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    );
    await checkpoint(91, signer, 'another-installation');
    await delay(1_500);
    expect(await run(stage, tenant, AGENT)).toMatchObject({ status: 200 });
    const sent = stage.upstream.requests.length;

    await checkpoint(7);
    await becomes(503);
    await delay(2_000);
    const refused = await run(stage, tenant, AGENT);
    expect(refused).toMatchObject({ status: 503, body: { code: 'database_restored' } });
    expect(refused.body.detail).toContain('operator');
    const { checks } = (await (await fetch(`${stage.url}/readyz`)).json()) as { checks: object };
    expect(checks).toMatchObject({ database: 'ok', presentDatabase: 'failed' });
    expect(stage.upstream.requests.length).toBe(sent);
    const second = await stage.second();
    expect((await fetch(`${second.url}/readyz`)).status).toBe(503);

    expect(await new CheckpointStore(stage.db).acknowledgeRestore(7, 'disk lost')).toBe(8);
    await becomes(200);
    expect(await run(stage, tenant, AGENT)).toMatchObject({ status: 200 });
  });
});
