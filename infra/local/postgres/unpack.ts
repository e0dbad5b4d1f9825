import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { databaseUser } from './database-user.js';
import { clusterBase, clusterFolders } from './folders.js';

/** Lays a copy made by `takeBaseBackup` out so that `startPostgres` with this folder starts from it. */
export async function unpackBaseBackup(archive: string, dataDir: string, password: string): Promise<void> {
  const user = await databaseUser();
  const folders = await clusterFolders(dataDir, user, false);
  await writeFile(folders.passwordFile, `${password}\n`, { mode: 0o600 });
  // As the server's own user, to whom the files must belong; the archive itself is not readable by it.
  const tar = spawn('tar', ['-x', '-f', '-', '-C', folders.cluster], {
    ...(user && { uid: user.uid, gid: user.gid }),
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  tar.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  const ended = new Promise<number | null>((done) => {
    tar.once('exit', done);
    tar.once('error', () => done(null)); // there is no tar
  });
  await pipeline(createReadStream(archive), createGunzip(), tar.stdin).catch(async (cause: unknown) => {
    // At the archive's end mark tar is done, and may be gone before the padding after it is written.
    if (isClosedPipe(cause) && (await ended) === 0) return;
    tar.kill();
    throw new Error(`the copy of the database cannot be unpacked: ${said.trim() || String(cause)}`, {
      cause,
    });
  });
  if ((await ended) !== 0) throw new Error(`the copy of the database cannot be unpacked: ${said.trim()}`);
}

function isClosedPipe(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE';
}

/** Where the database's user cannot enter the data folder, its files lie elsewhere under that folder's name: they follow it. */
export async function moveElsewhere(fromDataDir: string, toDataDir: string): Promise<void> {
  const user = await databaseUser();
  const from = await clusterBase(fromDataDir, user);
  if (!from.moved) return;
  const to = await clusterBase(toDataDir, user);
  await rename(from.base, to.base);
}

/** The folder of a cluster that already lies where one of this data folder would; undefined: there is none. */
export async function existingCluster(dataDir: string): Promise<string | undefined> {
  const { base } = await clusterBase(dataDir, await databaseUser());
  return existsSync(join(base, 'cluster')) ? base : undefined;
}

/** Removes the cluster of this folder, wherever it lies. */
export async function removeCluster(dataDir: string): Promise<void> {
  const { base } = await clusterBase(dataDir, await databaseUser());
  await rm(base, { recursive: true, force: true });
}
