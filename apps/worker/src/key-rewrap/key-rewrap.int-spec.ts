import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KmsConfig } from '#lib/config';
import type { SecretIdentity } from '#lib/custody';
import { Opener } from '#lib/custody/opener';
import { Rewrapper } from '#lib/custody/rewrapper';
import { Sealer } from '#lib/custody/sealer';
import { systemClock, toUuid } from '#lib/kernel';
import { createKms } from '#lib/kms';
import { PgPool, RewrapStore } from '#lib/persistence';
import { createLogger } from '#lib/telemetry';
import {
  FakeKms,
  FakeVault,
  LocalKmsFiles,
  SealedStore,
  startTestDatabase,
  type TestDatabase,
} from '#lib/testing';
import { KeyRewrapService } from './key-rewrap.service.js';

process.env.AWS_ACCESS_KEY_ID = 'AKIDTEST';
process.env.AWS_SECRET_ACCESS_KEY = 'test';

const log = createLogger({ process: 'worker', level: 'silent' });
const facts = { env: 'test' } as const;

/** A KMS whose master key is replaced: `older` before, `newer` after; `retire` ends the older one's use. */
interface Subject {
  older: KmsConfig;
  newer: () => Promise<KmsConfig>;
  retire: () => Promise<void>;
  stop: () => Promise<void>;
}

const subjects: Record<string, () => Promise<Subject>> = {
  async aws() {
    const wire = await FakeKms.start();
    const config = { adapter: 'aws', endpoint: wire.url, region: 'eu-central-1' } as const;
    const next = wire.createKey();
    return {
      older: { ...config, keyId: wire.keyArn },
      newer: async () => ({ ...config, keyId: next }),
      retire: async () => wire.setKeyState(wire.keyArn, 'PendingDeletion'),
      stop: () => wire.stop(),
    };
  },
  async vault() {
    const wire = await FakeVault.start(['claviger-call']);
    const config = {
      adapter: 'vault',
      address: wire.url,
      keyId: 'claviger',
      mount: 'transit',
      token: 't',
    } as const;
    return {
      older: config,
      newer: async () => {
        wire.keys.rotate('claviger-call');
        return config;
      },
      retire: async () => wire.keys.setMinDecryptionVersion('claviger-call', 2),
      stop: () => wire.stop(),
    };
  },
  async local() {
    const files = new LocalKmsFiles();
    const path = files.paths.privateKeysetPaths.call;
    return {
      older: files.config('call'),
      newer: async () => {
        files.addPrimary('call');
        return files.config('call');
      },
      retire: async () => {
        const keyset: { keys: { id: string }[] } = JSON.parse(readFileSync(path, 'utf8'));
        writeFileSync(path, JSON.stringify({ ...keyset, keys: keyset.keys.slice(0, 1) }));
      },
      stop: async () => files.remove(),
    };
  },
};

let database: TestDatabase;
let superuser: PgPool;
beforeAll(async () => {
  database = await startTestDatabase();
  superuser = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
});
afterAll(async () => {
  await superuser.close();
  await database.stop();
});

let secrets: SealedStore;
let pools: PgPool[];
beforeEach(() => {
  secrets = new SealedStore(database.superuserUrl);
  pools = [];
});
afterEach(async () => {
  await superuser.query('DELETE FROM secret_versions');
  await Promise.all([secrets.close(), ...pools.map((pool) => pool.close())]);
});

const sealer = (config: KmsConfig) => new Sealer(createKms(config, 'seal', facts), 'dep');
const opener = (config: KmsConfig) =>
  new Opener(createKms(config, 'open', facts), 'dep', systemClock, 'call');

/** What a worker process has, with the worker's own login. */
function worker(config: KmsConfig, from: 'all' | string[] = 'all'): KeyRewrapService {
  const pool = new PgPool({ databaseUrl: database.workerUrl, max: 2, name: 'rewrap' });
  pools.push(pool);
  const rewrapper = new Rewrapper(createKms(config, 'rewrap', facts), 'dep');
  return new KeyRewrapService(new RewrapStore(pool), rewrapper, from, 'call', log);
}

describe.each(Object.entries(subjects))('#24 a new master key over %s', (_name, start) => {
  let kms: Subject;
  let made: SecretIdentity[];
  let newer: KmsConfig;
  beforeEach(async () => {
    kms = await start();
    made = await secrets.add(sealer(kms.older), 3, 30);
    newer = await kms.newer();
  });
  afterEach(() => kms.stop());

  it('takes over every data key; the old one is then not needed', async () => {
    const before = await secrets.row(made[0]!);
    expect(await worker(newer).pass()).toEqual({ rewrapped: 90, damaged: 0, remaining: [] });
    const after = await secrets.row(made[0]!);
    expect(after.kmsRef).not.toBe(before.kmsRef);
    expect(Buffer.from(after.envelope).equals(before.envelope)).toBe(true);
    await kms.retire();
    expect(await secrets.unreadable(opener(newer), made)).toBe(0);
    expect(await worker(newer).pass()).toEqual({ rewrapped: 0, damaged: 0, remaining: [] });
  });

  it('goes on beside a row that was damaged, and says that it remains', async () => {
    const { secretId } = made[7]!;
    await superuser.query('UPDATE secret_versions SET wrapped_dek = $2 WHERE secret_id = $1', [
      toUuid(secretId),
      Buffer.from('not what was sealed'),
    ]);
    const report = await worker(newer).pass();
    expect(report).toMatchObject({
      rewrapped: 89,
      damaged: 1,
      remaining: [{ purpose: 'call', versions: 1 }],
    });
    expect(await secrets.unreadable(opener(newer), made)).toBe(1);
  });
});

describe('#24 a re-wrap over the AWS wire', () => {
  let wire: FakeKms;
  let older: KmsConfig;
  let newer: KmsConfig;
  let made: SecretIdentity[];
  beforeEach(async () => {
    wire = await FakeKms.start();
    const config = { adapter: 'aws', endpoint: wire.url, region: 'eu-central-1' } as const;
    older = { ...config, keyId: wire.keyArn };
    newer = { ...config, keyId: wire.createKey() };
    made = await secrets.add(sealer(older), 3, 100);
  });
  afterEach(() => wire.stop());

  it('dies three times between the KMS and the commit, and a later one completes it', async () => {
    const moved: number[] = [];
    for (const dieAt of [20, 110, 60]) {
      const before = wire.count('ReEncrypt');
      wire.policy = ({ operation }) => {
        if (operation === 'ReEncrypt' && wire.count('ReEncrypt') === before + dieAt)
          dying = killConnections();
        return true;
      };
      let dying: Promise<void> | undefined;
      await expect(worker(newer).pass()).rejects.toThrow();
      await dying;
      moved.push((await secrets.byRef())[`aws:${newer.adapter === 'aws' ? newer.keyId : ''}`] ?? 0);
      expect(await secrets.unreadable(opener(newer), made)).toBe(0);
    }
    wire.policy = () => true;
    expect(await worker(newer).pass()).toMatchObject({ rewrapped: 300 - moved[2]!, remaining: [] });
    wire.policy = ({ body }) => !body.includes(wire.keyArn);
    expect(await secrets.unreadable(opener(newer), made)).toBe(0);
    console.info(
      `300 secrets, 3 deaths in the middle of a batch: ${moved.join(', ')} moved after each; 0 unreadable`,
    );
  });

  it('is shared by two workers without moving anything twice', async () => {
    wire.latencyMs = 5;
    const reports = await Promise.all([worker(newer).pass(), worker(newer).pass()]);
    const last = await worker(newer).pass();
    const sum = [...reports, last].reduce((total, { rewrapped }) => total + rewrapped, 0);
    expect(sum).toBe(300);
    expect(wire.count('ReEncrypt')).toBe(300);
    expect(last.remaining).toEqual([]);
  });

  it('tries one row where the KMS denies it', async () => {
    wire.policy = ({ operation }) => operation !== 'ReEncrypt';
    await expect(worker(newer).pass()).rejects.toMatchObject({ name: 'KmsError', kind: 'denied' });
    expect(wire.count('ReEncrypt')).toBe(1);
    expect(await secrets.byRef()).toEqual({ [`aws:${wire.keyArn}`]: 300 });
  });

  it('keeps what a batch had when the KMS begins to throttle, asks for no more, and goes on later', async () => {
    wire.policy = ({ operation }) => {
      if (operation === 'ReEncrypt' && wire.count('ReEncrypt') === 25)
        wire.fault = { type: 'ThrottlingException' };
      return true;
    };
    await expect(worker(newer).pass()).rejects.toMatchObject({ kind: 'throttled' });
    const asked = wire.count('ReEncrypt');
    const moved = 300 - ((await secrets.byRef())[`aws:${wire.keyArn}`] ?? 0);
    expect(asked).toBeLessThan(50);
    expect(moved).toBeGreaterThanOrEqual(21);
    wire.fault = undefined;
    wire.policy = () => true;
    expect(await worker(newer).pass()).toMatchObject({ rewrapped: 300 - moved, remaining: [] });
  });

  it('touches nothing where the new master key does not answer', async () => {
    wire.setKeyState(newer.adapter === 'aws' ? newer.keyId : '', 'Disabled');
    await expect(worker(newer).pass()).rejects.toMatchObject({ kind: 'key_gone' });
    expect(wire.count('ReEncrypt')).toBe(0);
  });

  it('moves only what is under the master keys that are named', async () => {
    const third = { ...older, keyId: wire.createKey() };
    await secrets.add(sealer(third), 1, 10);
    const report = await worker(newer, [`aws:${third.adapter === 'aws' ? third.keyId : ''}`]).pass();
    expect(report).toEqual({ rewrapped: 10, damaged: 0, remaining: [] });
    expect((await secrets.byRef())[`aws:${wire.keyArn}`]).toBe(300);
  });

  it('does not bring back what was shredded or rotated between its reading and its saving', async () => {
    const pool = new PgPool({ databaseUrl: database.workerUrl, max: 1 });
    pools.push(pool);
    const saved = await new RewrapStore(pool).batch(
      { purpose: 'call', refs: [`aws:${wire.keyArn}`], limit: 1 },
      async ([row], save) =>
        save(row!, { kmsRef: 'aws:x', wrappedDek: Buffer.alloc(4) }, Buffer.from('older')),
    );
    expect(saved).toBe(false);
    expect(await secrets.byRef()).toEqual({ [`aws:${wire.keyArn}`]: 300 });
  });

  it('is the worker’s alone, and shows it no envelope', async () => {
    const claim = `SELECT * FROM lookup.rewrap_claim('call', '{}', $1, $1, 0, 1)`;
    const nil = '00000000-0000-0000-0000-000000000000';
    for (const databaseUrl of [database.apiUrl, database.engineUrl]) {
      const pool = new PgPool({ databaseUrl, max: 1 });
      pools.push(pool);
      await expect(pool.query(claim, [nil])).rejects.toThrow(/permission denied/);
      await expect(pool.query('SELECT * FROM lookup.rewrap_progress()')).rejects.toThrow(/permission denied/);
    }
    const pool = new PgPool({ databaseUrl: database.workerUrl, max: 1 });
    pools.push(pool);
    for (const column of ['envelope', 'wrapped_dek'])
      await expect(pool.query(`SELECT ${column} FROM secret_versions`)).rejects.toThrow(/permission denied/);
  });

  /** What kill -9 looks like to the database. */
  async function killConnections(): Promise<void> {
    await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rewrap'`,
    );
  }
});
