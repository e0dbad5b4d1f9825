import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '#lib/kernel';
import {
  appendCheckpoints,
  CheckpointReader,
  CheckpointSigner,
  CheckpointStore,
  CheckpointVerifier,
  compareEpochs,
  EpochMemory,
  PgPool,
  RestoreStore,
} from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { refuseOldCopy } from '../launcher/old-copy.js';
import { acknowledge, beginCheckpoints, noteRestore, type RestoreDesk } from './restored.js';

const pair = generateKeyPairSync('ed25519');
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const verifier = new CheckpointVerifier(publicPem);
const deployment = 'default';
const root = mkdtempSync(join(tmpdir(), 'claviger-restored-'));

let database: TestDatabase;
let pool: PgPool;
let desk: RestoreDesk;
let said: string[];
let memory: EpochMemory;
let signer: CheckpointSigner;

beforeAll(() => {
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  signer = new CheckpointSigner(pem);
  writeFileSync(join(root, 'private.pem'), pem);
  writeFileSync(join(root, 'public.pem'), publicPem);
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(async () => {
  database = await startTestDatabase();
  pool = new PgPool({ databaseUrl: database.superuserUrl, max: 2 });
  const dataDir = join(root, newId('req'));
  mkdirSync(join(dataDir, 'engine'), { recursive: true });
  memory = new EpochMemory(join(dataDir, 'engine'), deployment);
  said = [];
  desk = {
    config: {
      ...{ dataDir, deployment, databaseUrl: null, checkpointsPath: null, publicKeyPath: null },
      ...{ privateKeyPath: join(root, 'private.pem'), engineStateDir: null },
    },
    ...{ path: join(dataDir, 'audit.ndjson'), verifier, say: (line) => void said.push(line) },
  };
});
afterEach(async () => {
  await pool.close();
  await database.stop();
});

async function epoch(number: number): Promise<void> {
  const at = new Date(1_700_000_000_000 + number).toISOString();
  const orgId = newId('org');
  const line = signer.sign({ kind: 'checkpoint', deployment, epoch: number, orgId, seq: 1, hash: '00', at });
  await new CheckpointStore(pool).add(number, at, signer.signedBy, [line]);
  await appendCheckpoints(desk.path, [line]);
}
async function epochs(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await epoch(number);
}
async function forget(after: number): Promise<void> {
  await pool.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query('DELETE FROM audit_epochs WHERE epoch > $1', [after]);
  });
}
async function verdict(): Promise<string> {
  const reader = new CheckpointReader(desk.path, verifier, deployment);
  return (await compareEpochs(new RestoreStore(pool), { checkpoints: reader, memory })).verdict.kind;
}
const started = () =>
  refuseOldCopy(database.superuserUrl, {
    ...{ checkpoints: desk.path, publicKey: join(root, 'public.pem'), deployment },
    engineState: join(desk.config.dataDir, 'engine'),
  }).then(
    () => 'started',
    (error: Error) => error.message,
  );

describe('the operator’s word on a restored database', () => {
  it('is not asked for at a first start, nor of the present database', async () => {
    expect(await started()).toBe('started');
    expect(await beginCheckpoints(desk, pool, 'x')).toBe(1);
    await epochs(2);
    expect(await started()).toBe('started');
    expect(await acknowledge(desk, pool, 'x', 0)).toBe(1);
    expect(said.join()).toMatch(/worker begins it.*Nothing to acknowledge/);
  });

  it('npm start refuses an old copy though its checkpoints are gone, by what the engine remembers', async () => {
    await epochs(4);
    await memory.remember({ database: { epoch: 4, atMs: 1_700_000_000_004 }, checkpoints: 4 });
    expect(await started()).toBe('started');
    await forget(2);
    rmSync(desk.path);
    expect(await started()).toMatch(
      /this database is an old copy: its epoch is 2, and 4 was seen.*acknowledge-restore/,
    );
    expect(await beginCheckpoints(desk, pool, 'x')).toBe(1);
    expect(existsSync(desk.path)).toBe(false);
    expect(await acknowledge(desk, pool, 'disk lost', 0)).toBe(0);
    expect(said.at(-1)).toContain('Acknowledged: epoch 2 was restored over 4; it goes on at 5');
    expect(await started()).toMatch(/missing, empty.*begin-checkpoints/);
    expect(await beginCheckpoints(desk, pool, 'volume lost')).toBe(0);
    // The memory knows of more in the file than it has: the worker's part, which npm start does not wait for.
    expect([await started(), await verdict()]).toEqual(['started', 'older_checkpoints']);
  });

  it('takes what engines elsewhere noticed, or a number that the operator names', async () => {
    await epochs(1);
    await new RestoreStore(pool).note('old_copy', 8);
    expect(await started()).toMatch(/another process of this installation noticed.*acknowledge-restore/);
    expect(await acknowledge(desk, pool, 'x', 0)).toBe(0);
    expect(said.at(-1)).toContain('over 8; it goes on at 9');
    expect(await acknowledge(desk, pool, 'x', 20)).toBe(0);
    expect(said.at(-1)).toContain('over 20; it goes on at 21');
  });

  it('that it was restored by other means holds until it is acknowledged, even where no epoch was lost', async () => {
    await epochs(3);
    expect(await noteRestore(desk, pool, '2026-11-21T03:00:00Z')).toBe(0);
    expect(await started()).toMatch(/this database is an old copy: its epoch is 3, and 4 was seen/);
    expect(await noteRestore(desk, pool, 'again')).toBe(0);
    expect(said.at(-1)).toContain('Known already');
    expect(await acknowledge(desk, pool, 'snapshot of 03:00', 0)).toBe(0);
    expect(await started()).toBe('started');
  });

  it('counts for a backup of before this version, whose schema no migrator has seen yet', async () => {
    await epochs(3);
    await pool.query('DROP FUNCTION lookup.restore_facts(bigint[])');
    await forget(1);
    expect(await verdict()).toBe('old_copy');
    expect(await acknowledge(desk, pool, 'old backup', 0)).toBe(0);
    expect(await verdict()).toBe('present');
  });
});
