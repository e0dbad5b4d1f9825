import { ClavigerError } from '#lib/contracts';
import type { PgClient } from './pg-pool.js';

/**
 * Throws where this is a standby: it lags behind its primary by as much as it likes, so a revoked key would go on being
 * authorised there (CUSTODY §4).
 */
export async function assertPrimary(pg: PgClient): Promise<void> {
  const { rows } = await pg.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
  if (rows[0]?.standby) throw isStandby();
}

export function isStandby(): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'The database that answered is a standby, which may lag behind: what is revoked on the primary could still be authorised here. Nothing is served from it. The operator of this installation has to let DATABASE_URL lead to the primary, or promote this server.',
  );
}
