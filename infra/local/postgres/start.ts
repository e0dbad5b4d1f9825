import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinaries } from './binaries.js';
import { databaseUser } from './database-user.js';
import { clusterFolders } from './folders.js';
import { initialise, SUPERUSER } from './initialise.js';
import { boot, type ServerOptions, type ServerProcess } from './server.js';
import { clearStale } from './stale.js';

export interface PostgresOptions {
  /** Where the cluster is kept; another place is used, and logged, when the database's OS user cannot get there. */
  dataDir: string;
  /** 0 (the default): any free one. */
  port?: number;
  database?: string;
  /** For tests: no fsync, and the folder is removed when the server ends. */
  throwaway?: boolean;
  /** Server settings beside the usual ones, e.g. `track_commit_timestamp`. */
  settings?: Record<string, string>;
  log?: (line: string) => void;
}

export interface RunningPostgres {
  /** Login of the superuser; holds its password. */
  superuserUrl: string;
  port: number;
  pid: number;
  /** Where the cluster really is. */
  folder: string;
  /** Fast shutdown; data stays unless `throwaway`. */
  stop(): Promise<void>;
}

const LASTING = { max_connections: '200', shared_buffers: '128MB', log_statement: 'none' };
const THROWAWAY = {
  ...LASTING,
  max_connections: '400',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Template copies are faster without a checkpoint around each.
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/** Starts the embedded PostgreSQL in a data folder, making the cluster when there is none. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = await databaseUser();
  const binaries = await findBinaries(user);
  const throwaway = options.throwaway ?? false;
  const folders = await clusterFolders(options.dataDir, user, throwaway);
  if (folders.moved) {
    options.log?.(
      `the database's user ${user?.name} cannot enter ${options.dataDir}: using ${folders.cluster}`,
    );
  }
  const password = await initialise(binaries, folders, user, { durable: !throwaway });
  await clearStale(folders.cluster);
  const server = await bootPatiently(() =>
    boot(binaries, folders, user, {
      port: options.port ?? 0,
      settings: { ...(throwaway ? THROWAWAY : LASTING), ...options.settings },
      ...(throwaway && { removeAfterwards: folders.base }),
    } satisfies ServerOptions),
  );
  const database = options.database ?? 'postgres';
  return {
    superuserUrl: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${database}`,
    port: server.port,
    pid: server.pid,
    folder: folders.cluster,
    stop: async () => {
      await server.stop();
      if (throwaway) await rm(folders.base, { recursive: true, force: true });
    },
  };
}

/** After a kill -9 the old server's children hold the shared memory for a moment longer. */
async function bootPatiently(attempt: () => Promise<ServerProcess>): Promise<ServerProcess> {
  for (let left = 20; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !String(error).includes('still in use')) throw error;
      await delay(250);
    }
  }
}
