import { Injectable } from '@nestjs/common';
import { ORG_GRACE_DAYS } from '#lib/contracts';
import { fromUuid, newId } from '#lib/kernel';
import { PgPool } from './pg/pg-pool.js';
import { withTenantPg } from './pg/tenant-pg.js';
import { appendAuditPg } from './records/append-audit.js';

const GRACE_SECONDS = ORG_GRACE_DAYS * 86_400;

/** The worker's way to the rows of organizations that were deleted long enough ago (ADR 0015). */
@Injectable()
export class PurgeStore {
  constructor(private readonly pool: PgPool) {}

  /** Deleted organizations whose grace is over and whose rows are still there, the longest deleted first. */
  async due(limit: number): Promise<string[]> {
    const sql = 'SELECT org_id FROM lookup.due_purges($1, $2)';
    const { rows } = await this.pool.query<{ org_id: string }>(sql, [GRACE_SECONDS, limit]);
    return rows.map((row) => fromUuid('org', row.org_id));
  }

  /**
   * Removes at most `rows` rows of one table of the organization, in a transaction of their own: a worker that dies has
   * lost one batch, and the next goes on from what is there. The last batch writes the audit log's last word on it.
   * Answers whether to call again.
   */
  async purgeBatch(orgId: string, rows: number): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      // The sums of its usage first: after the last batch of the rest nobody comes back.
      const sums = await tx.query<{ more: boolean }>('SELECT lookup.purge_usage($1, $2) AS more', [
        GRACE_SECONDS,
        rows,
      ]);
      if (sums.rows[0]?.more) return true;
      const answer = await tx.query<{ state: 'more' | 'done' | 'none' }>(
        'SELECT lookup.purge_org($1, $2) AS state',
        [GRACE_SECONDS, rows],
      );
      const state = answer.rows[0]?.state;
      if (state === 'done') {
        await appendAuditPg(tx, {
          orgId,
          actor: 'system',
          action: 'orgs:PurgeOrg',
          target: orgId,
          requestId: newId('req'),
          ip: null,
          change: { state: 'purged' },
        });
      }
      return state === 'more';
    });
  }
}
