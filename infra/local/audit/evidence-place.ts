import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AuditToolConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { CheckpointVerifier } from '#lib/persistence';

/** What the command line says of the files; the settings say the rest. */
export interface PlaceOptions {
  checkpoints?: string;
  'public-key'?: string;
}

type Places = Pick<AuditToolConfig, 'dataDir' | 'checkpointsPath' | 'publicKeyPath'>;

/** Where the file of checkpoints is, and what checks it. Throws AppError that says what to do where there is no such key. */
export function evidencePlace(config: Places, options: PlaceOptions) {
  const path =
    options.checkpoints ?? config.checkpointsPath ?? join(config.dataDir, 'checkpoints/audit.ndjson');
  const key =
    options['public-key'] ?? config.publicKeyPath ?? join(config.dataDir, 'keys/audit-check/public.pem');
  return { path: resolve(path), verifier: verifierOf(resolve(key)) };
}

/** A file that the operator named, or a plain word about it. */
export function readNamed(path: string, what: string, next: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing =
      typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    throw new AppError(
      'file_unreadable',
      isMissing ? `There is no ${what} at ${path}: ${next}` : `The ${what} ${path} can't be read: ${next}`,
      { cause: error },
    );
  }
}

function verifierOf(path: string): CheckpointVerifier {
  const what = 'public key of the audit log';
  const next =
    'give --public-key file (or CLAVIGER_AUDIT_PUBLIC_KEY), or the data folder of `npm start`, which makes one, in CLAVIGER_DATA_DIR.';
  const text = readNamed(path, what, next);
  try {
    return new CheckpointVerifier(text);
  } catch (cause) {
    throw new AppError('file_unreadable', `${path} is not a ${what}: ${next}`, { cause });
  }
}
