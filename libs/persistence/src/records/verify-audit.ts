import { equalBytes, toUuid } from '#lib/kernel';
import type { PgPool } from '../pg/pg-pool.js';
import { withTenantPg, type TenantPg } from '../pg/tenant-pg.js';
import { ChainWalk, type AuditCheckpoint, type AuditVerdict, type ChainRecord } from './audit-chain.js';

const PAGE = 1_000;

/**
 * Recomputes an organization's audit chain (CUSTODY §9). An edited, removed or inserted event is found at its number, a
 * cut tail against the head or the checkpoints. Works for a login that may read the log, a superuser's included.
 */
export async function verifyAuditChain(
  pool: PgPool,
  orgId: string,
  checkpoints: AuditCheckpoint[] = [],
): Promise<AuditVerdict> {
  const walk = new ChainWalk(toUuid(orgId), checkpoints);
  return withTenantPg(pool, orgId, async (tx) => {
    for (;;) {
      const records = await page(tx, walk.head.seq);
      for (const record of records) {
        const fault = walk.step(record);
        if (fault) return fault;
      }
      if (records.length < PAGE) break;
    }
    const verdict = walk.end();
    if (!verdict.ok) return verdict;
    const fault = await headFault(tx, verdict.head);
    return fault ? walk.bad(fault) : verdict;
  });
}

/** The organization is named, because row-level security does not hold a superuser. */
async function page(tx: TenantPg, after: number): Promise<ChainRecord[]> {
  const { rows } = await tx.query<ChainRecord>(
    `SELECT seq::text, id::text, (extract(epoch FROM at) * 1000000)::bigint::text AS at_micros, actor, action, target,
            request_id, ip, change::text, hash
     FROM audit_events WHERE org_id = $1 AND seq > $2 ORDER BY audit_events.seq LIMIT ${PAGE}`,
    [toUuid(tx.orgId), after],
  );
  return rows;
}

async function headFault(tx: TenantPg, last: AuditCheckpoint): Promise<string | undefined> {
  const { rows } = await tx.query<{ seq: string; hash: Buffer }>(
    'SELECT seq::text, hash FROM audit_heads WHERE org_id = $1',
    [toUuid(tx.orgId)],
  );
  const head = rows[0];
  if (!head) return last.seq === 0 ? undefined : 'the head is missing';
  if (Number(head.seq) !== last.seq) return 'events up to the head are missing';
  return equalBytes(head.hash, last.hash) ? undefined : 'the head is not the last event’s';
}
