import { Injectable } from '@nestjs/common';
import type { NoticeKind, NoticeLevel } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Notice } from './notice.js';

interface NoticeRow {
  id: string;
  kind: NoticeKind;
  level: NoticeLevel;
  key_id: string;
  key_name: string;
  due_at: Date;
  days_before: number;
  created_at: Date;
}

const FIRST = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class NoticesRepository {
  /**
   * What still holds, by id: the key is there, enabled and ends when the notice says; nobody dismissed it, and no nearer
   * threshold has taken its place.
   */
  async open(tx: TenantTx, window: PageWindow): Promise<Notice[]> {
    const after = window.afterId === undefined ? FIRST : toUuid(window.afterId);
    const rows = await tx.$queryRaw<NoticeRow[]>`
      SELECT n.id::text, n.kind, n.level, k.id::text AS key_id, k.name AS key_name, n.due_at, n.days_before, n.created_at
      FROM notices n
      JOIN provider_keys k
        ON k.org_id = n.org_id AND k.id = n.provider_key_id AND k.enabled AND k.expires_at = n.due_at
      WHERE n.dismissed_at IS NULL AND n.id > ${after}::uuid
        AND NOT EXISTS (
          SELECT 1 FROM notices l
          WHERE l.org_id = n.org_id AND l.provider_key_id = n.provider_key_id AND l.due_at = n.due_at
            AND l.days_before < n.days_before)
      ORDER BY n.id LIMIT ${window.take}`;
    return rows.map((row) => ({
      id: fromUuid('ntc', row.id),
      kind: row.kind,
      level: row.level,
      aiProviderId: fromUuid('aip', row.key_id),
      aiProviderName: row.key_name,
      expiresAt: row.due_at,
      daysBefore: row.days_before,
      createdAt: row.created_at,
    }));
  }

  /** The key of a notice, dismissed or not; null when there is no such notice. */
  async keyOf(tx: TenantTx, orgId: string, id: string): Promise<string | null> {
    const where = { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
    const row = await tx.notice.findUnique({ where, select: { providerKeyId: true } });
    return row && fromUuid('aip', row.providerKeyId);
  }

  /** False: somebody was faster. */
  async dismiss(tx: TenantTx, id: string, by: string, at: Date): Promise<boolean> {
    const { count } = await tx.notice.updateMany({
      where: { id: toUuid(id), dismissedAt: null },
      data: { dismissedAt: at, dismissedBy: toUuid(by) },
    });
    return count === 1;
  }
}
