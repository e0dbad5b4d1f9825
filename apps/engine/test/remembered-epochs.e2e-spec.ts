import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appendCheckpoints, CheckpointSigner, CheckpointStore, RestoreWatch } from '#lib/persistence';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };

let stage: Stage;
let tenant: Tenant;
let folder: string;
let file: string;
let signer: CheckpointSigner;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-remembered-'));
  mkdirSync(join(folder, 'state'));
  file = join(folder, 'audit.ndjson');
  const pair = generateKeyPairSync('ed25519');
  writeFileSync(join(folder, 'public.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
  signer = new CheckpointSigner(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const checkpoints = { path: file, publicKeyPath: join(folder, 'public.pem') };
  stage = await startStage({ checkpoints, stateDir: join(folder, 'state') });
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-remembered-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});
afterAll(async () => {
  await stage?.stop();
  rmSync(folder, { recursive: true });
});

/** The next epoch, in the database and then in the file, as the worker makes it. */
async function checkpoint(epoch: number): Promise<void> {
  const at = new Date().toISOString();
  const kind = 'checkpoint' as const;
  const facts = { kind, deployment: stage.config.deployment, epoch, orgId: tenant.orgId, seq: epoch };
  const line = signer.sign({ ...facts, hash: '00', at });
  await new CheckpointStore(stage.db).add(epoch, at, line.signedBy, [line]);
  await appendCheckpoints(file, [line]);
}

async function begin(): Promise<void> {
  const kind = 'checkpoints-begun' as const;
  const facts = { kind, deployment: stage.config.deployment, epoch: 0 as const, beganAt: 0 };
  await appendCheckpoints(file, [signer.sign({ ...facts, reason: 'first use', at: 'now' })]);
}

/** What only a superuser can do: the database is that of epoch `epoch` again. */
async function restoreTo(epoch: number): Promise<void> {
  await stage.db.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    for (const table of ['audit_epochs', 'audit_checkpoints'])
      await client.query(`DELETE FROM ${table} WHERE epoch > $1`, [epoch]);
    await client.query('DELETE FROM restore_notices');
  });
}

/** What a run gets once the watch has looked, and what a state of at most two seconds says no more. */
async function answer(of: { app: Stage['app']; url: string } = stage) {
  const watch = of.app.get(RestoreWatch);
  await watch.compare();
  await watch.compare();
  if (watch.refused) await delay(2_100);
  const { status, body } = await run({ ...stage, url: of.url }, tenant, AGENT);
  return { status, code: body.code, detail: String(body.detail ?? '') };
}

async function reason(): Promise<string> {
  const body = (await (await fetch(`${stage.url}/readyz`)).json()) as { reasons?: Record<string, string> };
  return body.reasons?.['presentDatabase'] ?? '';
}

describe('what an engine remembers', () => {
  it('a fresh installation serves before there is any file, and when its first epochs are made', async () => {
    expect(await answer()).toMatchObject({ status: 200 });
    await begin();
    expect(await answer()).toMatchObject({ status: 200 });
    for (const epoch of [1, 2]) await checkpoint(epoch);
    copyFileSync(file, join(folder, 'of-epoch-2'));
    await checkpoint(3);
    expect(await answer()).toMatchObject({ status: 200 });
    copyFileSync(file, join(folder, 'of-epoch-3'));
  });

  it.each([
    ['deleted', () => rmSync(file), /missing or empty.*begin-checkpoints/],
    ['emptied', () => truncateSync(file), /missing or empty.*begin-checkpoints/],
    ['replaced by an older one', () => copyFileSync(join(folder, 'of-epoch-2'), file), /is an older one/],
  ])(
    'a file that is %s is noticed beside the present database, and /readyz says what to do',
    async (_what, lose, words) => {
      lose();
      expect(await answer()).toMatchObject({ status: 503, code: 'database_restored' });
      expect((await answer()).detail).toMatch(words);
      expect(await reason()).toMatch(words);
      copyFileSync(join(folder, 'of-epoch-3'), file);
      // A look that began at the lost file may still write its notice: it is over before that is taken back.
      for (let look = 0; look < 2; look += 1) await stage.app.get(RestoreWatch).compare();
      await stage.db.query('DELETE FROM restore_notices');
      expect(await answer()).toMatchObject({ status: 200 });
    },
  );

  it('an old copy stays refused whatever becomes of the file, to an engine that starts anew as well', async () => {
    await restoreTo(2);
    for (const lose of [
      () => undefined,
      () => rmSync(file),
      () => writeFileSync(file, ''),
      () => copyFileSync(join(folder, 'of-epoch-2'), file),
    ]) {
      lose();
      expect(await answer()).toMatchObject({ status: 503, code: 'database_restored' });
      expect(await reason()).toContain('acknowledge-restore');
    }
    expect(await answer(await stage.second())).toMatchObject({ status: 503, code: 'database_restored' });
  });

  it('and is so once it was signed on past everything that was seen', async () => {
    for (const epoch of [3, 4, 5]) await checkpoint(epoch);
    await stage.db.query('DELETE FROM restore_notices');
    expect(await answer()).toMatchObject({ status: 503, code: 'database_restored' });
    const { rows } = await stage.db.query('SELECT cause, outside::int FROM restore_notices');
    expect(rows).toEqual([{ cause: 'old_copy', outside: 3 }]);
  });

  it('an engine that remembers nothing hears of it from the one that does', async () => {
    const forgetful = await stage.second({ stateDir: null });
    expect(await answer(forgetful)).toMatchObject({ status: 503, code: 'database_restored' });
  });

  it('until an operator acknowledges it', async () => {
    expect(await new CheckpointStore(stage.db).acknowledgeRestore(5, 'disk lost')).toBe(6);
    expect(await answer()).toMatchObject({ status: 200 });
    expect(await answer(await stage.second())).toMatchObject({ status: 200 });
  });
});
