import { Injectable } from '@nestjs/common';
import { thresholdLevel } from '#lib/contracts';
import { fromUuid, newId, newUuid } from '#lib/kernel';
import { PgPool } from './pg/pg-pool.js';
import { withTenantPg } from './pg/tenant-pg.js';
import { appendAuditPg } from './records/append-audit.js';
import { appendOutboxPg } from './records/append-outbox.js';

interface DueAlert {
  org_id: string;
  quota_id: string;
  window_start: string;
  threshold: number;
  quota_max: string;
  used: string;
}

const BATCH = 200;

/**
 * Tells of quotas and budgets that are used up to one of their thresholds: once in a window, the highest one first, and again when
 * the limit was raised since. Several workers may look at once: the notice's own row decides who wrote it.
 */
@Injectable()
export class QuotaAlertStore {
  constructor(private readonly pool: PgPool) {}

  /** Writes what is due now, and forgets windows that are long over. Answers how many notices this process wrote. */
  async run(): Promise<number> {
    await this.pool.query('SELECT lookup.sweep_quotas()');
    let written = 0;
    for (;;) {
      const before = written;
      const { rows } = await this.pool.query<DueAlert>(
        `SELECT org_id::text, quota_id::text, window_start::text, threshold, quota_max, used FROM lookup.due_quota_alerts($1)`,
        [BATCH],
      );
      for (const alert of rows) if (await this.#add(alert)) written += 1;
      if (rows.length < BATCH || written === before) return written;
    }
  }

  /** The notice with its audit row and its event, all or none. False: another worker has written it. */
  #add(alert: DueAlert): Promise<boolean> {
    const { org_id, quota_id, window_start, threshold, quota_max, used } = alert;
    const orgId = fromUuid('org', org_id);
    const quotaId = fromUuid('quo', quota_id);
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rowCount } = await tx.query(
        `INSERT INTO notices (org_id, id, kind, quota_id, threshold, quota_max, window_start, level, created_at)
         SELECT q.org_id, $1::uuid, 'quota.threshold', q.id, $3::int, q.max, $5::timestamptz, $6, clock_timestamp() FROM quotas q
         WHERE q.id = $2 AND q.max = $4::bigint ON CONFLICT DO NOTHING`,
        [newUuid(), quota_id, threshold, quota_max, window_start, thresholdLevel(threshold)],
      );
      if (rowCount === 0) return false;
      await appendOutboxPg(tx, { orgId, topic: 'quota.threshold-reached', ids: { quotaId, threshold } });
      await appendAuditPg(tx, {
        orgId,
        actor: 'system',
        action: 'notices:CreateNotice',
        target: quotaId,
        requestId: newId('req'),
        ip: null,
        change: { kind: 'quota.threshold', threshold, used: Number(used), max: Number(quota_max) },
      });
      return true;
    });
  }
}
