import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BackupToolConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { localKeysets } from '#lib/kms';
import { CheckpointSigner, readInstallationFacts, type InstallationFacts } from '#lib/persistence';
import { withOwner, withOwnerUrl } from '../audit/database.js';
import { writePrivate } from '../launcher/data-dir.js';
import { takeBaseBackup } from '../postgres/index.js';
import { tryCopy, type CopyFacts } from './copy-facts.js';
import type { BackupManifest, KeysManifest } from './manifests.js';
import { copyPrivately, filesBelow, makePrivate, PRIVATE_PLACES } from './private-files.js';
import { entriesOf, writeManifest } from './signed-folder.js';

export const ARCHIVE = 'database/base.tar.gz';
export const CHECKPOINTS = 'checkpoints/audit.ndjson';
/** Where the private keys are put unless they are kept apart. */
export const PRIVATE_FOLDER = 'private';

const TOGETHER =
  'warning: whoever gets hold of this folder can open every secret. Keep keys and database apart: --keys-to <other folder>.';

export interface TakeOptions {
  config: BackupToolConfig;
  /** Made; must not exist, or be empty. */
  to: string;
  /** Where the private keys go; undefined: into the backup itself. */
  keysTo?: string;
  /** Of Claviger. */
  version: string;
  say(line: string): void;
}

export interface Taken {
  backup: BackupManifest;
  keys: KeysManifest;
}

/**
 * Backs up database and private keys, of an installation that runs or of one that is stopped. Both folders appear whole
 * or not at all. The copy of the database is proved by a server that is started on it, and the keys are compared with it.
 */
export async function takeBackup(options: TakeOptions): Promise<Taken> {
  const { say } = options;
  const to = resolve(options.to);
  const keysTo = resolve(options.keysTo ?? join(to, PRIVATE_FOLDER));
  if (options.keysTo !== undefined) refuseInside(to, keysTo);
  for (const folder of new Set([to, keysTo])) refuseOccupied(folder);
  const draft = `${to}.partial`;
  const keysDraft = options.keysTo === undefined ? `${to}.keys.partial` : `${keysTo}.partial`;
  try {
    for (const folder of [draft, keysDraft]) rmSync(folder, { recursive: true, force: true });
    makePrivate(draft);
    makePrivate(keysDraft);
    const taken = await fill(options, draft, keysDraft);
    if (options.keysTo !== undefined) publish(keysDraft, keysTo);
    else renameSync(keysDraft, join(draft, PRIVATE_FOLDER));
    publish(draft, to);
    say(`The backup is in ${to}, the private keys are in ${keysTo}.`);
    if (options.keysTo === undefined) say(TOGETHER);
    return taken;
  } finally {
    for (const folder of [draft, keysDraft]) rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(options: TakeOptions, draft: string, keysDraft: string): Promise<Taken> {
  const { config, say, version } = options;
  const takenAt = new Date().toISOString();
  const copy = config.databaseUrl === null ? await copyDatabase(config, draft, say) : undefined;
  // After the database: a key that was added meanwhile is in this copy, where it is not missed.
  copyKeys(config, keysDraft, copy?.password);
  const holds = Object.values(localKeysets.refs(join(keysDraft, PRIVATE_PLACES.keys, 'kms'))).flat();
  refuseUncovered(copy?.facts ?? (await factsOfOwn(config)), holds, config);
  const signer = new CheckpointSigner(
    readFileSync(join(keysDraft, PRIVATE_PLACES.keys, 'audit/private.pem'), 'utf8'),
  );
  const common = { takenAt, version, deployment: config.deployment };
  const keys: KeysManifest = {
    format: 'claviger-keys/1',
    ...common,
    files: await entriesOf(keysDraft, filesBelow(keysDraft)),
    holds,
  };
  writeManifest(keysDraft, keys, signer);
  const checkpoints = resolve(config.checkpointsPath ?? join(config.dataDir, CHECKPOINTS));
  if (existsSync(checkpoints)) copyPrivately(checkpoints, join(draft, CHECKPOINTS));
  const backup: BackupManifest = {
    format: 'claviger-backup/1',
    ...common,
    files: await entriesOf(draft, filesBelow(draft)),
    database: copy ? databaseFacts(copy.facts) : null,
  };
  writeManifest(draft, backup, signer);
  return { backup, keys };
}

async function copyDatabase(
  config: BackupToolConfig,
  draft: string,
  say: (line: string) => void,
): Promise<{ password: string; facts: CopyFacts }> {
  const archive = join(draft, ARCHIVE);
  makePrivate(join(draft, 'database'));
  const password = await withOwnerUrl(config, async (superuserUrl) => {
    await takeBaseBackup(superuserUrl, archive);
    return decodeURIComponent(new URL(superuserUrl).password);
  });
  say('The database is copied; a server is started on the copy to prove it …');
  return { password, facts: await tryCopy(archive, join(config.dataDir, 'backup-check'), password) };
}

/** The operator's own database is not copied here, but the keys are compared with it all the same. */
function factsOfOwn(config: BackupToolConfig): Promise<InstallationFacts> {
  return withOwner(config, readInstallationFacts);
}

function copyKeys(config: BackupToolConfig, keysDraft: string, password: string | undefined): void {
  const source = resolve(config.keysDir);
  if (!existsSync(join(source, 'audit/private.pem')))
    throw new AppError('no_keys', `${source} holds no keys: set CLAVIGER_DATA_DIR or CLAVIGER_KEYS_DIR.`);
  for (const path of filesBelow(source))
    copyPrivately(join(source, path), join(keysDraft, PRIVATE_PLACES.keys, path));
  if (password !== undefined) writePrivate(join(keysDraft, PRIVATE_PLACES.password), `${password}\n`);
  const demo = join(config.dataDir, PRIVATE_PLACES.demo);
  if (existsSync(demo)) copyPrivately(demo, join(keysDraft, PRIVATE_PLACES.demo));
}

/** A backup that could not be used is worse than none. */
function refuseUncovered(facts: InstallationFacts, holds: string[], config: BackupToolConfig): void {
  const missing = facts.sealedUnder.find((ref) => ref.startsWith('local:') && !holds.includes(ref));
  if (missing !== undefined)
    throw new AppError(
      'wrong_keys',
      `${resolve(config.keysDir)} does not hold the key ${missing} that stored secrets are sealed to: nothing was backed up.`,
    );
  if (facts.deployment === undefined || facts.deployment === config.deployment) return;
  throw new AppError(
    'other_deployment',
    `this database belongs to the deployment "${facts.deployment}", and CLAVIGER_DEPLOYMENT is "${config.deployment}": nothing was backed up.`,
  );
}

function databaseFacts(facts: CopyFacts): BackupManifest['database'] {
  const { server, migrations, epoch, orgs, sealedUnder } = facts;
  return { server, migrations, epoch, orgs, sealedUnder };
}

function refuseOccupied(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new AppError('folder_in_use', `${folder} is not empty: name a new folder for each backup.`);
}

function refuseInside(to: string, keysTo: string): void {
  if (!keysTo.startsWith(`${to}/`) && keysTo !== to && !to.startsWith(`${keysTo}/`)) return;
  throw new AppError('folder_in_use', `--keys-to must lie outside of ${to}: that is what it is for.`);
}

/** A folder that only its owner may enter, whole at once. */
function publish(draft: string, folder: string): void {
  if (existsSync(folder)) rmdirSync(folder);
  renameSync(draft, folder);
}
