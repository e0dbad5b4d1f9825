import { toUuid } from '#lib/kernel';
import { mapDatabaseError } from '../errors/map-database-error.js';
import { retrySerialization } from '../errors/retry.js';
import type { PgClient, PgPool } from './pg-pool.js';

declare const tenantPg: unique symbol;

/** A plain-SQL transaction bound to one organization. Only `withTenantPg` makes one. */
export interface TenantPg extends PgClient {
  readonly [tenantPg]?: never;
  /** `org_…` */
  readonly orgId: string;
}

/**
 * The plain-SQL twin of `TenantDb.withOrg`, for the processes without an ORM.
 *
 * @param orgId `org_…`; every row that `fn` sees or writes belongs to it
 * @throws ClavigerError as `TenantDb.withOrg` does
 */
export async function withTenantPg<T>(
  pool: PgPool,
  orgId: string,
  fn: (tx: TenantPg) => Promise<T>,
): Promise<T> {
  const run = () =>
    pool.transaction(async (client) => {
      await client.query(`SELECT set_config('app.org_id', $1, true)`, [toUuid(orgId)]);
      return fn({ orgId, query: (text, values) => client.query(text, values) });
    });
  try {
    return await retrySerialization(run);
  } catch (error) {
    throw mapDatabaseError(error);
  }
}
