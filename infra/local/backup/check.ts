import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#lib/kernel';
import { localKeysets } from '#lib/kms';
import { CheckpointVerifier, MIGRATIONS } from '#lib/persistence';
import { backupManifest, keysManifest, type BackupManifest, type KeysManifest } from './manifests.js';
import { PRIVATE_PLACES } from './private-files.js';
import { checkFiles, checkSignature, readManifest } from './signed-folder.js';

/** A backup and its keys that were found to be whole and to belong together. */
export interface CheckedBackup {
  backup: BackupManifest;
  keys: KeysManifest;
}

/**
 * Throws unless everything is as it was written, signed by the keys given, of this deployment, and not newer than this
 * version. Nothing is written.
 */
export async function checkBackup(
  from: string,
  keysFrom: string,
  deployment: string,
): Promise<CheckedBackup> {
  const backup = readManifest(from, backupManifest);
  const keys = readManifest(keysFrom, keysManifest);
  for (const { manifest } of [backup, keys]) refuseOtherDeployment(manifest.deployment, deployment);
  await checkFiles(keysFrom, keys.manifest.files);
  const verifier = new CheckpointVerifier(
    readFileSync(join(keysFrom, PRIVATE_PLACES.keys, 'audit-check/public.pem'), 'utf8'),
  );
  checkSignature(keysFrom, keys, verifier);
  checkSignature(from, backup, verifier);
  await checkFiles(from, backup.manifest.files);
  const { database } = backup.manifest;
  if (database) refuseNewer(database.migrations, backup.manifest.version);
  return { backup: backup.manifest, keys: keys.manifest };
}

function refuseOtherDeployment(theirs: string, ours: string): void {
  if (theirs === ours) return;
  throw new AppError(
    'other_deployment',
    `this is a backup of the deployment "${theirs}", and CLAVIGER_DEPLOYMENT is "${ours}": no sealed secret would open. Set it to "${theirs}".`,
  );
}

function refuseNewer(migrations: string[], version: string): void {
  const unknown = migrations.filter((name) => !MIGRATIONS.includes(name));
  if (unknown.length === 0) return;
  throw new AppError(
    'schema_ahead',
    `this backup was taken by a newer Claviger (${version}: ${unknown.join(', ')}): restore it with that version.`,
  );
}

/**
 * Throws unless the keys, laid out at `keysDir` with the modes that key files must have (what a backup's medium does to them
 * is nobody's fault), hold every master key that the backup needs.
 */
export function refuseUncovered(sealedUnder: readonly string[], keysDir: string): void {
  const held = Object.values(localKeysets.refs(join(keysDir, 'kms'))).flat();
  const missing = sealedUnder.find((ref) => ref.startsWith('local:') && !held.includes(ref));
  if (missing === undefined) return;
  throw new AppError(
    'wrong_keys',
    `these keys do not hold ${missing}, which secrets in this backup are sealed to: give the keys that were backed up with it.`,
  );
}
