import { dirname, join } from 'node:path';
import { PURPOSES, type Purpose } from '../kms.port.js';
import { newPrivateKey } from './hpke.js';
import { errnoOf, KeyFileError, readKeyFile } from './key-file.js';
import {
  parsePrivateKeyset,
  renderPrivateKeyset,
  renderPublicKeysets,
  type PrivateKeyset,
} from './keyset.js';
import { makeFolder, writeNew, writeOver } from './write-file.js';

export interface LocalKeysetPaths {
  publicKeysetPath: string;
  /** One file per purpose, each alone in its 0700 folder, so that a process can be given just its own. */
  privateKeysetPaths: Record<Purpose, string>;
}

export interface KeysetWishes {
  /** Whether sealed secrets are stored: then no key is made for a missing one, which would only hide its loss. */
  ciphertextExists: boolean;
  /**
   * Puts a new key before the present ones of this purpose: the rotation of a local master key. Restart who opens
   * first and who seals afterwards, then re-wrap.
   */
  newPrimaryFor?: Purpose;
}

/**
 * Makes the key files of the local KMS under `dir` where they don't exist yet; private keys that exist are kept, so
 * that it can run at every start. Throws KeyFileError.
 */
export function generateLocalKeysets(dir: string, wishes: KeysetWishes): LocalKeysetPaths {
  const pathOf = (folder: Purpose | 'public') => join(dir, folder, 'keyset.json');
  const privateKeysetPaths = { call: pathOf('call'), webhook: pathOf('webhook'), login: pathOf('login') };
  const keysets = PURPOSES.map((purpose) => ensure(privateKeysetPaths[purpose], purpose, wishes));
  const publicKeysetPath = pathOf('public');
  // Last, and from the private files: a start that died half-way is mended by the next one.
  const text = renderPublicKeysets(keysets);
  makeFolder(dirname(publicKeysetPath), 0o755);
  if (read(publicKeysetPath, 'public') !== text) writeOver(publicKeysetPath, text, 0o644);
  return { publicKeysetPath, privateKeysetPaths };
}

function ensure(path: string, purpose: Purpose, wishes: KeysetWishes): PrivateKeyset {
  const existing = read(path, 'private');
  if (existing === undefined) {
    if (wishes.ciphertextExists) throw lost(path);
    makeFolder(dirname(path), 0o700);
    writeNew(path, withNewPrimary(purpose, []), 0o600);
  } else if (wishes.newPrimaryFor === purpose) {
    const { keys } = parsePrivateKeyset(path, existing);
    const older = keys.map((key) => key.bytes);
    writeOver(path, withNewPrimary(purpose, older), 0o600);
  }
  return parsePrivateKeyset(path, read(path, 'private') ?? '');
}

function withNewPrimary(purpose: Purpose, older: readonly Buffer[]): string {
  const key = newPrivateKey();
  try {
    return renderPrivateKeyset(purpose, [key, ...older]);
  } finally {
    key.fill(0);
  }
}

function read(path: string, secrecy: 'private' | 'public'): string | undefined {
  try {
    return readKeyFile(path, { allowSymlink: false, secrecy, uid: process.getuid?.() }).toString('utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function lost(path: string): KeyFileError {
  return new KeyFileError(
    `the private keyset ${path} is missing, but sealed secrets are stored: restore the file from your backup. No new key is made in its place.`,
  );
}
