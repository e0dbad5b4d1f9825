import { join } from 'node:path';
import type { LauncherConfig } from '#lib/config';
import { migrate, roleUrl } from '#lib/persistence';
import { startPostgres } from '../postgres/index.js';
import { keyUses } from './check-keys.js';
import type { KeyUses } from './keys.js';

export interface Database {
  /** Login for an operator's tools: the embedded server's superuser, or the owner's that DATABASE_URL gives. */
  adminUrl: string;
  roles: { api: string; engine: string; worker: string };
  port?: number;
  pid?: number;
  /** What was made with keys: then a missing one is a loss, not a first start. */
  uses: KeyUses;
  stop(): Promise<void>;
}

/** Starts the embedded Postgres (or takes the operator's own) and brings it up to date. */
export async function prepareDatabase(
  config: LauncherConfig,
  dataDir: string,
  log: (line: string) => void,
): Promise<Database> {
  const server =
    config.databaseUrl === null
      ? await startPostgres({ dataDir: join(dataDir, 'postgres'), log })
      : undefined;
  const adminUrl = config.databaseUrl ?? server?.superuserUrl ?? '';
  try {
    const { applied } = await migrate(adminUrl, {
      plans: config.plans,
      deployment: config.deployment,
    });
    if (applied.length > 0) log(`migrated: ${applied.join(', ')}`);
    return {
      adminUrl,
      roles: {
        api: roleUrl(adminUrl, 'claviger_api'),
        engine: roleUrl(adminUrl, 'claviger_engine'),
        worker: roleUrl(adminUrl, 'claviger_worker'),
      },
      port: server?.port,
      pid: server?.pid,
      uses: await keyUses(adminUrl),
      stop: async () => server?.stop(),
    };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}
