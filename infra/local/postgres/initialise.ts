import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import type { DatabaseUser } from './database-user.js';
import type { ClusterFolders } from './folders.js';

const run = promisify(execFile);
export const SUPERUSER = 'postgres';

/** Makes the cluster unless it is there. Answers the superuser's password, generated at the first start. */
export async function initialise(
  binaries: Binaries,
  folders: ClusterFolders,
  user: DatabaseUser,
  options: { durable: boolean },
): Promise<string> {
  if (await stat(join(folders.cluster, 'PG_VERSION')).catch(() => null)) {
    return (await readFile(folders.passwordFile, 'utf8')).trim();
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(folders.passwordFile, `${password}\n`, { mode: 0o600 });
  // initdb reads the password from a file that its own user must be able to open.
  const handover = `${folders.cluster}.password`;
  await writeFile(handover, `${password}\n`, { mode: 0o600 });
  if (user) await chown(handover, user.uid, user.gid);
  try {
    await run(binaries.initdb, initdbArguments(folders.cluster, handover, options.durable), {
      ...(user && { uid: user.uid, gid: user.gid }),
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
  } catch (cause) {
    // A half-made cluster would be taken for a whole one at the next start.
    await rm(join(folders.cluster, 'PG_VERSION'), { force: true });
    throw new Error(`initdb failed: ${said(cause)}`, { cause });
  } finally {
    await rm(handover, { force: true });
  }
  return password;
}

function initdbArguments(cluster: string, passwordFile: string, durable: boolean): string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorts alike on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
}

function said(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr || String(error);
}
