import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditToolConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import type { State } from '../launcher/state.js';
import { startPostgres } from '../postgres/index.js';

/** Where an operator's tool finds the database. */
export type DatabasePlace = Pick<AuditToolConfig, 'dataDir' | 'databaseUrl'>;

/** Runs `fn` with the owner's login, as `withOwnerUrl` does. */
export function withOwner<T>(place: DatabasePlace, fn: (pool: PgPool) => Promise<T>): Promise<T> {
  return withOwnerUrl(place, async (databaseUrl) => {
    const pool = new PgPool({ databaseUrl, name: 'claviger-audit', max: 2 });
    try {
      return await fn(pool);
    } finally {
      await pool.close();
    }
  });
}

/**
 * Runs `fn` with the owner's login: DATABASE_URL's, or the embedded server's, which is started for as long as it takes
 * where Claviger does not run (it does not after an old copy was restored).
 */
export async function withOwnerUrl<T>(
  config: DatabasePlace,
  fn: (ownerUrl: string) => Promise<T>,
): Promise<T> {
  const running = config.databaseUrl ?? urlOfRunning(config.dataDir);
  const folder = join(config.dataDir, 'postgres');
  if (!running && !existsSync(folder)) {
    throw new AppError(
      'no_database',
      `There is no database in ${config.dataDir}: set DATABASE_URL or CLAVIGER_DATA_DIR.`,
    );
  }
  if (!running) refuseMidway(config.dataDir);
  const server = running ? undefined : await startPostgres({ dataDir: folder });
  try {
    return await fn(running ?? server?.superuserUrl ?? '');
  } finally {
    await server?.stop();
  }
}

/** A launcher that is starting or stopping has the database: starting it here would take it away from under that. */
function refuseMidway(dataDir: string): void {
  const file = join(dataDir, 'launcher.json');
  if (!existsSync(file)) return;
  const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: number };
  if (!isAlive(pid)) return;
  throw new AppError(
    'busy',
    `Claviger is starting or stopping in ${dataDir} (process ${pid}): try again in a moment. If no such process is Claviger's, remove ${file}.`,
  );
}

/** Of the launcher that runs from this folder, if one does. */
function urlOfRunning(dataDir: string): string | undefined {
  const file = join(dataDir, 'state.json');
  if (!existsSync(file)) return undefined;
  const { databaseUrl, pids } = JSON.parse(readFileSync(file, 'utf8')) as State;
  return isAlive(pids['launcher']) ? databaseUrl : undefined;
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
