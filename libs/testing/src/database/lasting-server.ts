import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate, PgPool, roleUrl } from '#lib/persistence';
import { startPostgres } from '../../../../infra/local/postgres/index.js';
import { withDatabase } from './cluster.js';
import type { TestDatabase } from './test-database.js';

export interface LastingServer {
  database: TestDatabase;
  /** Ends the server without letting it finish anything: `SIGQUIT` is its immediate mode, `SIGKILL` asks nobody. */
  crash(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /** Starts it again where it was, once it has recovered what was committed. */
  start(): Promise<void>;
}

/** A migrated database on a server of its own, as durable as `npm start`'s, that may be ended and started again. */
export async function startLastingServer(): Promise<LastingServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'claviger-lasting-'));
  await chmod(dataDir, 0o755); // the database's user must get in
  let server = await startPostgres({ dataDir });
  const { port, superuserUrl, folder } = server;
  await create(superuserUrl, 'claviger');
  const ownerUrl = withDatabase(superuserUrl, 'claviger');
  await migrate(ownerUrl);
  return {
    database: {
      ownerUrl,
      superuserUrl: ownerUrl,
      apiUrl: roleUrl(ownerUrl, 'claviger_api'),
      engineUrl: roleUrl(ownerUrl, 'claviger_engine'),
      workerUrl: roleUrl(ownerUrl, 'claviger_worker'),
      stop: async () => {
        await server.stop();
        for (const path of [folder, dataDir]) await rm(path, { recursive: true, force: true });
      },
    },
    crash: async (signal) => {
      process.kill(server.pid, signal);
      while (isThere(server.pid)) await delay(20);
    },
    start: async () => {
      server = await startPostgres({ dataDir, port });
    },
  };
}

async function create(superuserUrl: string, name: string): Promise<void> {
  const pool = new PgPool({ databaseUrl: superuserUrl, max: 1 });
  try {
    await pool.query(`CREATE DATABASE ${name}`);
  } finally {
    await pool.close();
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
