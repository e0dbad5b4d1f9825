import { Injectable } from '@nestjs/common';
import { REFUSALS_UNTIL_FAILING, type NoticeKind, type NoticeLevel } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import type { PageWindow } from '../../common/paging.js';
import type { Notice } from './notice.js';

interface NoticeRow {
  id: string;
  kind: NoticeKind;
  level: NoticeLevel;
  key_id: string | null;
  quota_id: string | null;
  policy_id: string | null;
  webhook_id: string | null;
  subject_name: string;
  threshold: number | null;
  due_at: Date | null;
  days_before: number | null;
  created_at: Date;
}

const FIRST = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class NoticesRepository {
  /**
   * What still holds, by id: the key is there, enabled and ends when the notice says, or is refused still; the quota's window is
   * not over and nobody raised it; the policy is there; the webhook is
   * disabled still. Nobody dismissed it, and no nearer or higher threshold or later row of refusals has taken its
   * place.
   * @param ofKeys whether those about keys are wanted
   */
  async open(tx: TenantTx, window: PageWindow, ofKeys: boolean): Promise<Notice[]> {
    const after = window.afterId === undefined ? FIRST : toUuid(window.afterId);
    const rows = await tx.$queryRaw<NoticeRow[]>`
      SELECT n.id::text, n.kind, n.level, k.id::text AS key_id, q.id::text AS quota_id, p.id::text AS policy_id,
        w.id::text AS webhook_id, coalesce(k.name, q.name, p.name, w.name) AS subject_name,
        n.due_at, n.days_before, n.threshold, n.created_at
      FROM notices n
      LEFT JOIN quotas q
        ON q.org_id = n.org_id AND q.id = n.quota_id AND q.max <= n.quota_max
        AND n.window_start = date_trunc(q.period, now(), 'UTC')
      LEFT JOIN policies p ON p.org_id = n.org_id AND p.id = n.policy_id
      LEFT JOIN webhooks w
        ON w.org_id = n.org_id AND w.id = n.webhook_id AND w.disabled_reason IS NOT NULL
      LEFT JOIN provider_keys k
        ON ${ofKeys} AND k.org_id = n.org_id AND k.id = n.provider_key_id AND k.enabled
        AND CASE n.kind WHEN 'aiProvider.failing' THEN k.refused_in_a_row >= ${REFUSALS_UNTIL_FAILING}::int
            ELSE k.expires_at = n.due_at END
      WHERE n.dismissed_at IS NULL AND n.id > ${after}::uuid AND num_nonnulls(k.id, q.id, p.id, w.id) = 1
        AND NOT EXISTS (
          SELECT 1 FROM notices l
          WHERE l.org_id = n.org_id AND l.policy_id = n.policy_id AND l.policy_day > n.policy_day)
        AND NOT EXISTS (
          SELECT 1 FROM notices l WHERE l.org_id = n.org_id AND l.webhook_id = n.webhook_id AND l.id > n.id)
        AND NOT EXISTS (
          SELECT 1 FROM notices l
          WHERE l.org_id = n.org_id AND l.quota_id = n.quota_id AND l.window_start = n.window_start AND l.id > n.id)
        AND NOT EXISTS (
          SELECT 1 FROM notices l
          WHERE l.org_id = n.org_id AND l.provider_key_id = n.provider_key_id AND l.due_at = n.due_at
            AND l.days_before < n.days_before)
        AND NOT (n.kind = 'aiProvider.failing' AND EXISTS (
          SELECT 1 FROM notices l
          WHERE l.org_id = n.org_id AND l.provider_key_id = n.provider_key_id AND l.kind = n.kind
            AND (l.created_at, l.id) > (n.created_at, n.id)))
      ORDER BY n.id LIMIT ${window.take}`;
    return rows.map((row) => ({
      id: fromUuid('ntc', row.id),
      kind: row.kind,
      level: row.level,
      subjectId: subjectOf(row.key_id, row.quota_id, row.policy_id, row.webhook_id),
      subjectName: row.subject_name,
      threshold: row.threshold,
      expiresAt: row.due_at,
      daysBefore: row.days_before,
      createdAt: row.created_at,
    }));
  }

  /** The key, quota, policy or webhook of a notice, dismissed or not; null when there is no such notice. */
  async subjectOf(tx: TenantTx, orgId: string, id: string): Promise<string | null> {
    const where = { orgId_id: { orgId: toUuid(orgId), id: toUuid(id) } };
    const row = await tx.notice.findUnique({
      where,
      select: { providerKeyId: true, quotaId: true, policyId: true, webhookId: true },
    });
    return row && subjectOf(row.providerKeyId, row.quotaId, row.policyId, row.webhookId);
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

/** A notice has exactly one of them. */
function subjectOf(
  key: string | null,
  quota: string | null,
  policy: string | null,
  webhook: string | null,
): string {
  if (key !== null) return fromUuid('aip', key);
  if (quota !== null) return fromUuid('quo', quota);
  return policy !== null ? fromUuid('pol', policy) : fromUuid('whk', webhook ?? '');
}
