import { PgPool, readInstallationFacts, type InstallationFacts } from '#lib/persistence';
import { removeCluster, startPostgres, unpackBaseBackup } from '../postgres/index.js';

/** What a copy of the database holds, as read from a server that was started on it. */
export type CopyFacts = InstallationFacts & { server: string };

/** Starts a server on the copy, which recovers to the end of the backup, reads what it holds, and stops it. */
export async function factsOfCopy(dataDir: string): Promise<CopyFacts> {
  const server = await startPostgres({ dataDir });
  try {
    const pool = new PgPool({ databaseUrl: server.superuserUrl, name: 'claviger-backup', max: 1 });
    try {
      const { rows } = await pool.query<{ version: string }>(
        `SELECT split_part(current_setting('server_version'), ' ', 1) AS version`,
      );
      return { ...(await readInstallationFacts(pool)), server: rows[0]?.version ?? '' };
    } finally {
      await pool.close();
    }
  } finally {
    await server.stop();
  }
}

/** Unpacks an archive into a folder that is removed again, and reads what it holds: a copy that does not start is none. */
export async function tryCopy(archive: string, folder: string, password: string): Promise<CopyFacts> {
  await removeCluster(folder);
  try {
    await unpackBaseBackup(archive, folder, password);
    return await factsOfCopy(folder);
  } finally {
    await removeCluster(folder);
  }
}
