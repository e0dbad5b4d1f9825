import { Injectable } from '@nestjs/common';
import { EXPIRY_NOTICE_DAYS, expiryNotice } from '#lib/contracts';
import { fromUuid, newId, newUuid, toUuid } from '#lib/kernel';
import { PgPool } from './pg/pg-pool.js';
import { withTenantPg, type TenantPg } from './pg/tenant-pg.js';
import { appendAuditPg } from './records/append-audit.js';
import { appendOutboxPg } from './records/append-outbox.js';

/** A key that ends in so many days, of which nobody was told yet. */
export interface DueNotice {
  orgId: string;
  aiProviderId: string;
  daysBefore: number;
}

/** The worker's way to write notices over tenants. */
@Injectable()
export class NoticeStore {
  constructor(private readonly pool: PgPool) {}

  /** Keys whose end is near enough at `now` for a notice that is not written yet, the nearest end first. */
  async dueExpiries(now: Date, limit: number): Promise<DueNotice[]> {
    const { rows } = await this.pool.query<{ org_id: string; provider_key_id: string; days_before: number }>(
      'SELECT org_id, provider_key_id, days_before FROM lookup.due_expiry_notices($1, $2, $3)',
      [now, EXPIRY_NOTICE_DAYS, limit],
    );
    return rows.map((row) => ({
      orgId: fromUuid('org', row.org_id),
      aiProviderId: fromUuid('aip', row.provider_key_id),
      daysBefore: row.days_before,
    }));
  }

  /**
   * Writes a notice with its audit row and its event, all or none. False: another worker has written it, or the key was
   * disabled, deleted or given another date since it was found.
   */
  async add(notice: DueNotice, now: Date): Promise<boolean> {
    return withTenantPg(this.pool, notice.orgId, async (tx) => {
      const expiresAt = await insert(tx, notice, now);
      if (!expiresAt) return false;
      const { orgId, aiProviderId, daysBefore } = notice;
      const { kind } = expiryNotice(daysBefore);
      const topic = kind === 'aiProvider.expired' ? 'provider-key.expired' : 'provider-key.expiring';
      await appendOutboxPg(tx, { orgId, topic, ids: { aiProviderId, daysBefore } });
      await appendAuditPg(tx, {
        orgId,
        actor: 'system',
        action: 'notices:CreateNotice',
        target: aiProviderId,
        requestId: newId('req'),
        ip: null,
        change: { kind, daysBefore, expiresAt: expiresAt.toISOString() },
      });
      return true;
    });
  }
}

async function insert(
  tx: TenantPg,
  { aiProviderId, daysBefore }: DueNotice,
  now: Date,
): Promise<Date | undefined> {
  const { kind, level } = expiryNotice(daysBefore);
  const { rows } = await tx.query<{ due_at: Date }>(
    `INSERT INTO notices (org_id, id, kind, provider_key_id, level, due_at, days_before, created_at)
     SELECT k.org_id, $1::uuid, $2, k.id, $3, k.expires_at, $4::int, $5::timestamptz FROM provider_keys k
     WHERE k.id = $6 AND k.enabled AND k.expires_at <= $5::timestamptz + $4::int * interval '24 hours'
     ON CONFLICT DO NOTHING RETURNING due_at`,
    [newUuid(), kind, level, daysBefore, now, toUuid(aiProviderId)],
  );
  return rows[0]?.due_at;
}
