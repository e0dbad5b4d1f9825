import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { BackupToolConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { appendCheckpoints, CheckpointReader, CheckpointSigner, CheckpointVerifier } from '#lib/persistence';
import { existingCluster, moveElsewhere, removeCluster, unpackBaseBackup } from '../postgres/index.js';
import { engineStateFolder } from '../launcher/engine-state.js';
import { checkBackup, refuseUncovered, type CheckedBackup } from './check.js';
import { factsOfCopy } from './copy-facts.js';
import { copyPrivately, filesBelow, makePrivate, PRIVATE_PLACES } from './private-files.js';
import { ARCHIVE, CHECKPOINTS, PRIVATE_FOLDER } from './take.js';

export interface RestoreOptions {
  config: BackupToolConfig;
  from: string;
  /** Where the private keys are; undefined: in the backup itself. */
  keysFrom?: string;
  /** Of an own Postgres that was not lost: only keys and checkpoints come back, and nothing is to be acknowledged. */
  databaseKept?: boolean;
  say(line: string): void;
}

/**
 * Restores a backup into a data folder that does not exist or is empty, apart from checkpoints and the engine's memory, which
 * are never taken back. Everything is made under a temporary name first. The checkpoints then get a signed line that a backup was
 * restored: until an operator acknowledges it, nothing is served (infra/docs/runbooks/restored-database.md).
 */
export async function restoreBackup(options: RestoreOptions): Promise<CheckedBackup> {
  const { config, say } = options;
  const from = resolve(options.from);
  const keysFrom = resolve(options.keysFrom ?? join(from, PRIVATE_FOLDER));
  const dataDir = resolve(config.dataDir);
  await refuseOccupied(dataDir);
  const checked = await checkBackup(from, keysFrom, config.deployment);
  const stage = `${dataDir}.restoring`;
  await discard(stage);
  mkdirSync(stage, { recursive: true, mode: 0o711 });
  try {
    for (const { path } of checked.keys.files) {
      if (path !== PRIVATE_PLACES.password) copyPrivately(join(keysFrom, path), join(stage, path));
    }
    refuseUncovered(checked.backup.database?.sealedUnder ?? [], join(stage, PRIVATE_PLACES.keys));
    if (checked.backup.database) await restoreDatabase(from, keysFrom, stage, checked);
    const checkpoints = keepCheckpoints(from, config.checkpointsPath, dataDir, stage);
    keepMemory(dataDir, stage);
    if (checked.backup.database || options.databaseKept !== true)
      await markRestored(checkpoints, stage, checked);
    await put(stage, dataDir);
  } finally {
    await discard(stage);
  }
  say(`Restored to ${dataDir}: the backup of ${checked.backup.takenAt}.`);
  return checked;
}

async function restoreDatabase(
  from: string,
  keysFrom: string,
  stage: string,
  { backup }: CheckedBackup,
): Promise<void> {
  const password = readFileSync(join(keysFrom, PRIVATE_PLACES.password), 'utf8').trim();
  await unpackBaseBackup(join(from, ARCHIVE), join(stage, 'postgres'), password);
  const { epoch, orgs } = await factsOfCopy(join(stage, 'postgres'));
  if (epoch === backup.database?.epoch && orgs === backup.database.orgs) return;
  throw new AppError(
    'backup_altered',
    'the restored database does not hold what its manifest says: it was altered.',
  );
}

/** Answers the file to which the restored installation's checkpoints go: the one that is there, else the backup's copy. */
function keepCheckpoints(from: string, configured: string | null, dataDir: string, stage: string): string {
  const elsewhere = configured === null ? undefined : resolve(configured);
  const present = elsewhere ?? join(dataDir, CHECKPOINTS);
  const target = elsewhere ?? join(stage, CHECKPOINTS);
  const source = existsSync(present) ? present : join(from, CHECKPOINTS);
  if (source !== target && existsSync(source)) copyPrivately(source, target);
  else makePrivate(dirname(target));
  return target;
}

/** What the engine remembers is not taken back either. */
function keepMemory(dataDir: string, stage: string): void {
  const folder = engineStateFolder(dataDir);
  for (const file of existsSync(folder) ? filesBelow(folder) : [])
    copyPrivately(join(folder, file), join(engineStateFolder(stage), file));
}

async function markRestored(checkpoints: string, stage: string, { backup }: CheckedBackup): Promise<void> {
  const keys = join(stage, PRIVATE_PLACES.keys);
  const verifier = new CheckpointVerifier(readFileSync(join(keys, 'audit-check/public.pem'), 'utf8'));
  const signer = new CheckpointSigner(readFileSync(join(keys, 'audit/private.pem'), 'utf8'));
  const { deployment, takenAt, database } = backup;
  const restoredTo = database?.epoch ?? 0;
  const outside = (await new CheckpointReader(checkpoints, verifier, deployment).read())?.epoch ?? 0;
  const epoch = Math.max(outside, restoredTo) + 1;
  const at = new Date().toISOString();
  const line = { kind: 'backup-restored' as const, deployment, epoch, restoredTo, takenAt, at };
  await appendCheckpoints(checkpoints, [signer.sign(line)]);
}

/** Only now does the data folder exist, or change; what was in it (checkpoints at most) is in the stage as well. */
async function put(stage: string, dataDir: string): Promise<void> {
  const before = `${dataDir}.before-restore`;
  rmSync(before, { recursive: true, force: true });
  if (existsSync(dataDir)) renameSync(dataDir, before);
  await moveElsewhere(join(stage, 'postgres'), join(dataDir, 'postgres'));
  renameSync(stage, dataDir);
  rmSync(before, { recursive: true, force: true });
}

async function discard(stage: string): Promise<void> {
  await removeCluster(join(stage, 'postgres'));
  rmSync(stage, { recursive: true, force: true });
}

async function refuseOccupied(dataDir: string): Promise<void> {
  const entries = existsSync(dataDir) ? readdirSync(dataDir) : [];
  const kept = [dirname(CHECKPOINTS), basename(engineStateFolder(dataDir))];
  const other = entries.filter((name) => !kept.includes(name));
  if (other.length > 0)
    throw new AppError(
      'folder_in_use',
      `${dataDir} is not empty (${other.slice(0, 3).join(', ')}): a backup is restored into a new folder. Stop Claviger and move this one away first, or set CLAVIGER_DATA_DIR.`,
    );
  const cluster = await existingCluster(join(dataDir, 'postgres'));
  if (cluster === undefined) return;
  throw new AppError(
    'folder_in_use',
    `a database of this data folder still lies in ${cluster}: move it away first.`,
  );
}
