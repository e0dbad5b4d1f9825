import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '#lib/kernel';

/** A key file that this process will not use. Each fault has its own sentence, with its mend. */
export class KeyFileError extends AppError<'key_file_refused'> {
  constructor(detail: string, cause?: unknown) {
    super('key_file_refused', detail, { cause });
  }
}

export interface KeyFileRules {
  /** Follow symlinks, and leave the folder to the platform that mounted it. */
  allowSymlink: boolean;
  /** A private file must be readable by its owner only; a public one must be writable by its owner only. */
  secrecy: 'private' | 'public';
  /** Who has to own it. Undefined on Windows, which has neither owners nor modes of this kind: nothing is checked. */
  uid?: number;
}

/**
 * Reads a key file after checking, on the open descriptor, that only its owner could have read or written it.
 * The caller wipes the answer. Throws KeyFileError; `ENOENT` is left to the caller, who knows what it means.
 */
export function readKeyFile(path: string, rules: KeyFileRules): Buffer {
  const follow = rules.allowSymlink ? 0 : constants.O_NOFOLLOW;
  const fd = opening(path, () => openSync(path, constants.O_RDONLY | follow));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile())
      throw new KeyFileError(`${path} is not a regular file: point the setting at the keyset itself.`);
    checkMode(path, stats, rules);
    checkOwner(path, stats, rules);
    if (rules.secrecy === 'private' && !rules.allowSymlink) checkFolder(dirname(path), rules.uid);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function opening<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const detail = whyClosed(path, errnoOf(cause));
    throw detail ? new KeyFileError(detail, cause) : cause;
  }
}

function whyClosed(path: string, code: string | undefined): string | undefined {
  switch (code ?? '') {
    case 'ELOOP':
    case 'EMLINK':
      return `${path} is a symbolic link, and those are not followed: name the file itself, or, for a mounted secret, set KMS_LOCAL_ALLOW_SYMLINK=yes.`;
    case 'EACCES':
    case 'EPERM':
      return `${path} can't be read by this process's user: give the file to that user.`;
    case 'ERR_ACCESS_DENIED':
      return `${path} is closed to this process by Node's permission model: if it is meant to read it, start it with --allow-fs-read for the file and its folder.`;
    default:
      return undefined;
  }
}

function checkMode(path: string, stats: Stats, rules: KeyFileRules): void {
  if (rules.uid === undefined) return;
  const mode = stats.mode & 0o777;
  if (rules.secrecy === 'public') {
    if (mode & 0o022)
      throw wider(path, mode, '0644', 'others could swap the keys that secrets are sealed to');
    return;
  }
  const forbidden = rules.allowSymlink ? 0o027 : 0o077;
  if (mode & forbidden)
    throw wider(path, mode, rules.allowSymlink ? '0440' : '0600', 'others could read the keys');
}

function checkOwner(path: string, stats: Stats, rules: KeyFileRules): void {
  const me = rules.uid;
  const rootMayOwn = rules.allowSymlink || rules.secrecy === 'public';
  if (me === undefined || stats.uid === me || (rootMayOwn && stats.uid === 0)) return;
  throw new KeyFileError(
    `${path} belongs to user ${stats.uid}, this process runs as ${me}: chown it to ${me}.`,
  );
}

/** The folder of a private file: only its owner may enter, or he could not be sure of what lies there. */
export function checkFolder(folder: string, me: number | undefined): void {
  if (me === undefined) return;
  const stats = opening(folder, () => lstatSync(folder));
  if (!stats.isDirectory()) {
    throw new KeyFileError(
      `${folder} is a symbolic link: name the real folder of the keyset in the setting.`,
    );
  }
  if (stats.mode & 0o077) throw wider(folder, stats.mode & 0o777, '0700', 'others could replace the keys');
  if (stats.uid !== me) {
    throw new KeyFileError(
      `the folder ${folder} belongs to user ${stats.uid}, this process runs as ${me}: chown it to ${me}.`,
    );
  }
}

function wider(path: string, mode: number, wanted: string, why: string): KeyFileError {
  const seen = mode.toString(8).padStart(4, '0');
  return new KeyFileError(
    `${path} has mode ${seen}, wider than ${wanted}, so ${why}: run chmod ${wanted} ${path}.`,
  );
}

/** The code of an error of `node:fs`, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
