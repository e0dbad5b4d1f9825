import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The OS user that runs the database server; null: the one that runs this process. */
export type DatabaseUser = { uid: number; gid: number; name: string } | null;

/**
 * PostgreSQL refuses to run as root, and initdb refuses a uid without a name: as root the server runs as the
 * machine's `postgres` or else `nobody`. No user is created.
 */
export async function databaseUser(): Promise<DatabaseUser> {
  if (process.getuid?.() !== 0) return null;
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL cannot run as root, and /etc/passwd has neither a user "postgres" nor "nobody" to run it as. ' +
      'Start as an ordinary user, or set DATABASE_URL to a server of your own.',
  );
}

/** Whether `user` can walk to `path` (which need not exist yet): every folder above it lets them through. */
export async function reachable(path: string, user: DatabaseUser): Promise<boolean> {
  if (!user) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const entry = await stat(folder).catch(() => null);
    if (entry && !mayEnter(entry, user)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(entry: { uid: number; gid: number; mode: number }, user: { uid: number; gid: number }) {
  if (entry.uid === user.uid) return (entry.mode & 0o100) !== 0;
  if (entry.gid === user.gid) return (entry.mode & 0o010) !== 0;
  return (entry.mode & 0o001) !== 0;
}
