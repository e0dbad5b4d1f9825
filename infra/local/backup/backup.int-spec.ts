import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupToolConfig } from '#lib/config';
import { localKeysets } from '#lib/kms';
import {
  appendCheckpoints,
  CheckpointSigner,
  CheckpointVerifier,
  CheckpointReader,
  EpochMemory,
  migrate,
  PgPool,
} from '#lib/persistence';
import { makeTenant } from '#lib/testing';
import { ensureKeys, NO_USES } from '../launcher/keys.js';
import { startPostgres, type RunningPostgres } from '../postgres/index.js';
import type { KeysManifest } from './manifests.js';
import { dumpCommands, restoreCommands } from './own-postgres.js';
import { filesBelow } from './private-files.js';
import { restoreBackup } from './restore.js';
import { entriesOf, writeManifest } from './signed-folder.js';
import { takeBackup } from './take.js';

const say = (): void => undefined;
const roots: string[] = [];

/** A data folder as `npm start` leaves it: database, keys, one organization with a sealed secret. */
interface Installation {
  dataDir: string;
  config: BackupToolConfig;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'claviger-backup-'));
  roots.push(made);
  chmodSync(made, 0o711);
  return made;
}

function configOf(dataDir: string, deployment = 'default'): BackupToolConfig {
  return { dataDir, keysDir: join(dataDir, 'keys'), databaseUrl: null, deployment, checkpointsPath: null };
}

async function epochIn(file: string, verifier: CheckpointVerifier): Promise<number | undefined> {
  return (await new CheckpointReader(file, verifier, 'default').read())?.epoch;
}

async function query<Row extends object>(server: RunningPostgres, sql: string): Promise<Row[]> {
  const pool = new PgPool({ databaseUrl: server.superuserUrl, max: 1 });
  try {
    return (await pool.query<Row>(sql)).rows;
  } finally {
    await pool.close();
  }
}

async function install(): Promise<Installation> {
  const dataDir = join(folder(), 'data');
  mkdirSync(dataDir, { mode: 0o711 });
  ensureKeys(join(dataDir, 'keys'), NO_USES);
  const server = await startPostgres({ dataDir: join(dataDir, 'postgres') });
  await migrate(server.superuserUrl, { deployment: 'default' });
  await makeTenant(server.superuserUrl);
  const [ref] = localKeysets.refs(join(dataDir, 'keys/kms')).call;
  await query(server, `UPDATE secret_versions SET kms_ref = '${ref}'`);
  await server.stop();
  return { dataDir, config: configOf(dataDir) };
}

function signedBy(dataDir: string): { signer: CheckpointSigner; verifier: CheckpointVerifier } {
  return {
    signer: new CheckpointSigner(readFileSync(join(dataDir, 'keys/audit/private.pem'), 'utf8')),
    verifier: new CheckpointVerifier(readFileSync(join(dataDir, 'keys/audit-check/public.pem'), 'utf8')),
  };
}

let there: Installation;
let backup: string;
let keys: string;

beforeAll(async () => {
  there = await install();
  const made = folder();
  [backup, keys] = [join(made, 'backup'), join(made, 'elsewhere/keys')];
  await takeBackup({ config: there.config, to: backup, keysTo: keys, version: '0.1.0', say });
});
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

describe('a backup', () => {
  it('is made while others write, and holds every change that was committed before it began', async () => {
    const server = await startPostgres({ dataDir: join(there.dataDir, 'postgres') });
    // As the launcher's file tells the tool that it runs.
    const state = { databaseUrl: server.superuserUrl, pids: { launcher: process.pid } };
    writeFileSync(join(there.dataDir, 'state.json'), JSON.stringify(state));
    await query(
      server,
      'CREATE TABLE before_it AS SELECT generate_series(1, 1000) AS n; CREATE TABLE noise (n int)',
    );
    let done = false;
    const writer = (async () => {
      while (!done) await query(server, 'INSERT INTO noise SELECT generate_series(1, 500)');
    })();
    const to = join(folder(), 'backup');
    try {
      await takeBackup({ config: there.config, to, version: '0.1.0', say });
    } finally {
      done = true;
      await writer;
      await server.stop();
      rmSync(join(there.dataDir, 'state.json'));
    }
    const dataDir = join(folder(), 'restored');
    await restoreBackup({ config: configOf(dataDir), from: to, say });
    const copy = await startPostgres({ dataDir: join(dataDir, 'postgres') });
    expect(await query(copy, 'SELECT count(*)::int AS n FROM before_it')).toEqual([{ n: 1000 }]);
    const [noise] = await query<{ n: number }>(copy, 'SELECT count(*)::int AS n FROM noise');
    expect(noise!.n % 500).toBe(0);
    expect((await query(copy, 'SELECT 1 FROM orgs')).length).toBe(1);
    await copy.stop();
  });

  it('keeps keys apart where asked, in files that only their owner reads; the database’s folder names no secret', () => {
    expect(existsSync(join(backup, 'private'))).toBe(false);
    for (const path of filesBelow(keys)) expect(statSync(join(keys, path)).mode & 0o777).toBe(0o600);
    for (const path of ['', 'keys', 'keys/kms/call', 'keys/audit'])
      expect(statSync(join(keys, path)).mode & 0o777).toBe(0o700);
    expect(filesBelow(backup)).toEqual(['database/base.tar.gz', 'manifest.json', 'manifest.sig.json']);
    const manifest = readFileSync(join(backup, 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({
      format: 'claviger-backup/1',
      deployment: 'default',
      database: { orgs: 1, migrations: expect.arrayContaining(['0001_tables']) },
    });
    const password = readFileSync(join(keys, 'superuser-password'), 'utf8').trim();
    expect(manifest).not.toContain(password);
  });

  it('of an own Postgres is of keys and checkpoints, which are compared with it, and says what else to run', async () => {
    const server = await startPostgres({ dataDir: join(there.dataDir, 'postgres') });
    const made = folder();
    const config = { ...there.config, databaseUrl: server.superuserUrl };
    const take = (keysDir: string) =>
      takeBackup({
        config: { ...config, keysDir },
        to: join(made, 'b'),
        keysTo: join(made, 'k'),
        version: '0.1.0',
        say,
      });
    const foreign = join(folder(), 'keys');
    ensureKeys(foreign, NO_USES);
    await expect(take(foreign)).rejects.toThrow(/does not hold the key local:call:/);
    const { backup: own } = await take(there.config.keysDir);
    await server.stop();
    expect(own.database).toBeNull();
    expect(filesBelow(join(made, 'k'))).toContain('keys/kms/call/keyset.json');
    expect(filesBelow(join(made, 'k'))).not.toContain('superuser-password');
    const { password } = new URL(server.superuserUrl);
    await restoresKeysOf(made);
    for (const text of [dumpCommands(server.superuserUrl), restoreCommands(server.superuserUrl)]) {
      expect(text).toMatch(/pg_(dump|restore) /);
      expect(text).not.toContain(password);
    }
  });

  /** The database comes back by its own tools: it counts as an old copy all the same, unless it was never lost. */
  async function restoresKeysOf(made: string): Promise<void> {
    for (const [name, databaseKept, epoch] of [
      ['restored', false, 1],
      ['kept', true, undefined],
    ] as const) {
      const dataDir = join(made, name);
      const [from, keysFrom] = [join(made, 'b'), join(made, 'k')];
      await restoreBackup({ config: configOf(dataDir), from, keysFrom, databaseKept, say });
      const { verifier } = signedBy(dataDir);
      expect(await epochIn(join(dataDir, 'checkpoints/audit.ndjson'), verifier)).toBe(epoch);
    }
  }

  it('refuses a folder that is in use, keys inside of it, keys that do not fit, and leaves nothing behind', async () => {
    const made = folder();
    const to = join(made, 'backup');
    const take = (change: object) =>
      takeBackup({ config: there.config, to, version: '0.1.0', say, ...change });
    await expect(take({ to: backup })).rejects.toThrow(/is not empty/);
    await expect(take({ keysTo: join(to, 'keys') })).rejects.toThrow(/must lie outside/);
    await expect(take({ config: configOf(there.dataDir, 'other') })).rejects.toThrow(
      /belongs to the deployment "default"/,
    );
    const foreign = join(folder(), 'keys');
    ensureKeys(foreign, NO_USES);
    await expect(take({ config: { ...there.config, keysDir: foreign } })).rejects.toThrow(
      /does not hold the key local:call:/,
    );
    expect(readdirSync(made)).toEqual([]);
    expect(existsSync(join(there.dataDir, 'backup-check'))).toBe(false);
  });
});

describe('a restore', () => {
  let from: string;
  let keysFrom: string;
  let dataDir: string;

  beforeEach(() => {
    const made = folder();
    [from, keysFrom, dataDir] = [join(made, 'backup'), join(made, 'keys'), join(made, 'data')];
    cpSync(backup, from, { recursive: true });
    cpSync(keys, keysFrom, { recursive: true });
  });
  afterEach(() => expect(existsSync(`${dataDir}.restoring`)).toBe(false));

  const restore = (change: object = {}) =>
    restoreBackup({ config: configOf(dataDir), from, keysFrom, say, ...change });

  it('puts everything back, and a signed line past the copy’s epoch: the database counts as an old copy', async () => {
    await restore();
    const { verifier } = signedBy(dataDir);
    const line = readFileSync(join(dataDir, 'checkpoints/audit.ndjson'), 'utf8').trim().split('\n').at(-1)!;
    expect(JSON.parse(line)).toMatchObject({
      kind: 'backup-restored',
      epoch: 1,
      restoredTo: 0,
      deployment: 'default',
    });
    expect(await epochIn(join(dataDir, 'checkpoints/audit.ndjson'), verifier)).toBe(1);
    for (const path of filesBelow(join(dataDir, 'keys'))) {
      expect(readFileSync(join(dataDir, 'keys', path))).toEqual(
        readFileSync(join(there.dataDir, 'keys', path)),
      );
      expect(statSync(join(dataDir, 'keys', path)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(dataDir, 'keys/kms/call')).mode & 0o777).toBe(0o700);
  });

  it('never takes newer checkpoints back: the file that is there stays, the line is added behind it', async () => {
    const { signer, verifier } = signedBy(there.dataDir);
    mkdirSync(join(dataDir, 'checkpoints'), { recursive: true });
    const file = join(dataDir, 'checkpoints/audit.ndjson');
    const facts = {
      kind: 'checkpoint' as const,
      deployment: 'default',
      epoch: 41,
      orgId: 'org_x',
      seq: 1,
      hash: '00',
      at: 'now',
    };
    await appendCheckpoints(file, [signer.sign(facts)]);
    const before = readFileSync(file, 'utf8');
    await restore();
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);
    expect(await epochIn(file, verifier)).toBe(42);
  });

  it('never takes back what the engine remembers', async () => {
    const memory = new EpochMemory(join(dataDir, 'engine'), 'default');
    mkdirSync(join(dataDir, 'engine'), { recursive: true });
    await memory.remember({ database: { epoch: 9, atMs: 1 }, checkpoints: 9 });
    await restore();
    expect(await new EpochMemory(join(dataDir, 'engine'), 'default').recall()).toEqual({
      database: { epoch: 9, atMs: 1 },
      checkpoints: 9,
    });
  });

  it('never takes back checkpoints that are kept elsewhere either', async () => {
    const { signer, verifier } = signedBy(there.dataDir);
    const file = join(folder(), 'audit.ndjson');
    const facts = {
      kind: 'checkpoint' as const,
      deployment: 'default',
      epoch: 7,
      orgId: 'org_x',
      seq: 1,
      hash: '00',
      at: 'now',
    };
    await appendCheckpoints(file, [signer.sign(facts)]);
    await restore({ config: { ...configOf(dataDir), checkpointsPath: file } });
    expect(await epochIn(file, verifier)).toBe(8);
    expect(existsSync(join(dataDir, 'checkpoints'))).toBe(false);
  });

  it.each([
    [
      'a cut archive',
      () => truncateSync(join(from, 'database/base.tar.gz'), 1000),
      /cut off: 1000 of \d+ bytes/,
    ],
    [
      'an altered archive',
      () => flip(join(from, 'database/base.tar.gz'), 5000),
      /base\.tar\.gz .*was altered/,
    ],
    ['a missing archive', () => rmSync(join(from, 'database/base.tar.gz')), /missing from the backup/],
    [
      'an edited manifest',
      () => edit(join(from, 'manifest.json'), '"orgs": 1', '"orgs": 2'),
      /was altered after it was signed/,
    ],
    [
      'a cut manifest',
      () => truncateSync(join(from, 'manifest.json'), 100),
      /is missing, cut off, or not of this kind/,
    ],
    ['a manifest without signature', () => rmSync(join(from, 'manifest.sig.json')), /is missing, cut off/],
    ['no backup at all', () => rmSync(from, { recursive: true }), /holds no manifest\.json/],
    [
      'altered keys',
      () => flip(join(keysFrom, 'keys/kms/call/keyset.json'), 60),
      /call\/keyset\.json .*was altered/,
    ],
    [
      'missing keys',
      () => rmSync(join(keysFrom, 'keys/kms/call/keyset.json')),
      /call\/keyset\.json is missing/,
    ],
    ['the database given as keys', () => (keysFrom = from), /not of this kind of folder/],
  ])('refuses %s, and makes nothing', async (_what, harm, message) => {
    harm();
    await expect(restore()).rejects.toThrow(message);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('refuses another deployment’s name, another installation’s keys, and a folder in use', async () => {
    await expect(restore({ config: configOf(dataDir, 'other') })).rejects.toThrow(
      /of the deployment "default"/,
    );
    const other = await install();
    const [to, keysTo] = [join(folder(), 'backup'), join(folder(), 'keys')];
    await takeBackup({ config: other.config, to, keysTo, version: '0.1.0', say });
    await expect(restore({ keysFrom: keysTo })).rejects.toThrow(/belong to another installation/);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    await expect(restore()).rejects.toThrow(/is not empty \(logs\)/);
  });

  it('refuses the right signature with a keyset that lacks what secrets are sealed to', async () => {
    // Signed by this installation's own key: only what it holds tells that it is the wrong one.
    const { signer } = signedBy(there.dataDir);
    rmSync(join(keysFrom, 'keys/kms'), { recursive: true });
    ensureKeys(join(keysFrom, 'keys'), NO_USES);
    const manifest = JSON.parse(readFileSync(join(keysFrom, 'manifest.json'), 'utf8')) as KeysManifest;
    const paths = manifest.files.map(({ path }) => path);
    writeManifest(keysFrom, { ...manifest, files: await entriesOf(keysFrom, paths) }, signer);
    await expect(restore()).rejects.toThrow(/do not hold local:call:/);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('refuses a backup of a newer version', async () => {
    const { signer } = signedBy(there.dataDir);
    const text = readFileSync(join(from, 'manifest.json'), 'utf8').replace('"0001_tables"', '"9999_later"');
    writeFileSync(join(from, 'manifest.json'), text);
    writeFileSync(join(from, 'manifest.sig.json'), JSON.stringify(signer.signManifest(text)));
    await expect(restore()).rejects.toThrow(/newer Claviger \(0\.1\.0: 9999_later\)/);
  });
});

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}
