import type { PgClient } from '../pg/pg-pool.js';

/**
 * The master keys (`kms_ref`) that stored secrets of this purpose are wrapped under, over all tenants; of every
 * purpose when none is named. Ids of keys only. For the engine, the worker and the launcher.
 */
export async function sealedRefs(pg: PgClient, purpose?: 'call' | 'webhook' | 'login'): Promise<string[]> {
  const { rows } = await pg.query<{ kms_ref: string }>(
    'SELECT DISTINCT kms_ref FROM lookup.sealed_refs() WHERE purpose = coalesce($1, purpose) ORDER BY kms_ref',
    [purpose ?? null],
  );
  return rows.map((row) => row.kms_ref);
}
