import { access, chown, constants, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DatabaseUser, reachable } from './database-user.js';

export interface ClusterFolders {
  /** What holds the rest. */
  base: string;
  /** The server's own files, owned by the database's user. */
  cluster: string;
  /** The superuser's password, readable by this process' user only. */
  passwordFile: string;
  logFile: string;
  /** Whether the wished-for folder could not be reached, so that another one is used. */
  moved: boolean;
}

/** A folder of this machine that any user may enter; used when the checkout lies where the database's user cannot go. */
export async function machineFolder(): Promise<string> {
  const lasting = await access('/var/lib', constants.W_OK).then(
    () => true,
    () => false,
  );
  const folder = lasting ? '/var/lib/claviger' : join(tmpdir(), 'claviger');
  await mkdir(folder, { recursive: true, mode: 0o755 });
  // In a shared folder somebody else could have made it first, and would own what is put into it.
  const { uid } = await stat(folder);
  if (uid === process.getuid?.()) return folder;
  throw new Error(`${folder} belongs to another user; remove it and start again.`);
}

/**
 * Where the cluster of `dataDir` lives: inside it, or, when the database's user cannot get there, in a folder of
 * the machine that is named after it (so that the next start finds it again).
 */
export async function clusterFolders(
  dataDir: string,
  user: DatabaseUser,
  throwaway: boolean,
): Promise<ClusterFolders> {
  const { base, moved } = await clusterBase(dataDir, user);
  await mkdir(base, { recursive: true, mode: 0o755 });
  const cluster = join(base, 'cluster');
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  if (user) await chown(cluster, user.uid, user.gid);
  // The database's user removes a throwaway folder itself, should this process be killed.
  if (user && throwaway) await chown(base, user.uid, user.gid);
  return {
    base,
    cluster,
    passwordFile: join(base, 'superuser-password'),
    logFile: join(base, 'postgres.log'),
    moved,
  };
}

/** What holds, or would hold, the cluster of `dataDir`; nothing is made. */
export async function clusterBase(
  dataDir: string,
  user: DatabaseUser,
): Promise<{ base: string; moved: boolean }> {
  const wished = resolve(dataDir);
  if (await reachable(join(wished, 'cluster'), user)) return { base: wished, moved: false };
  return { base: join(await machineFolder(), encodeURIComponent(wished)), moved: true };
}
