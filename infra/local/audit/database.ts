import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditToolConfig } from '#lib/config';
import { AppError } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import type { State } from '../launcher/state.js';
import { startPostgres } from '../postgres/index.js';

/**
 * Runs `fn` with the owner's login: DATABASE_URL's, or the embedded server's, which is started for as long as it takes
 * where Claviger does not run (it does not after an old copy was restored).
 */
export async function withOwner<T>(config: AuditToolConfig, fn: (pool: PgPool) => Promise<T>): Promise<T> {
  const running = config.databaseUrl ?? urlOfRunning(config.dataDir);
  const folder = join(config.dataDir, 'postgres');
  if (!running && !existsSync(folder)) {
    throw new AppError(
      'no_database',
      `There is no database in ${config.dataDir}: set DATABASE_URL or CLAVIGER_DATA_DIR.`,
    );
  }
  const server = running ? undefined : await startPostgres({ dataDir: folder });
  const pool = new PgPool({
    databaseUrl: running ?? server?.superuserUrl ?? '',
    name: 'claviger-audit',
    max: 2,
  });
  try {
    return await fn(pool);
  } finally {
    await pool.close();
    await server?.stop();
  }
}

/** Of the launcher that runs from this folder, if one does. */
function urlOfRunning(dataDir: string): string | undefined {
  const file = join(dataDir, 'state.json');
  if (!existsSync(file)) return undefined;
  const { databaseUrl, pids } = JSON.parse(readFileSync(file, 'utf8')) as State;
  try {
    process.kill(pids['launcher'] ?? 0, 0);
    return databaseUrl;
  } catch {
    return undefined;
  }
}
