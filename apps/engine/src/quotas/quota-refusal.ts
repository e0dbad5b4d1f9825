import type { ClavigerError, QuotaMetric, QuotaScopeType, QuotaWindow } from '#lib/contracts';
import { fromUuid, type IdPrefix } from '#lib/kernel';
import { quotaExceeded } from '#lib/limits';

/** A quota that has no room for what was asked of it, as the database has it in this moment. */
export interface FullQuotaRow {
  org_id: string;
  id: string;
  name: string;
  workspace_id: string | null;
  token_id: string | null;
  provider_key_id: string | null;
  metric: QuotaMetric;
  period: QuotaWindow;
  max: string;
  reserved: string;
  settled: string;
  needed: string;
  retry_after: number;
  told: boolean;
}

/** What a call is told that these have no room for. */
export function refusalOf(rows: readonly FullQuotaRow[]): ClavigerError {
  return quotaExceeded(
    rows.map((row) => {
      const [max, used, reserved, needed] = [row.max, row.settled, row.reserved, row.needed].map(Number);
      return {
        ...{ quotaId: fromUuid('quo', row.id), name: row.name, metric: row.metric, window: row.period },
        ...scopeOf(row),
        ...{ max: max ?? 0, used: used ?? 0, reserved: reserved ?? 0, needed: needed ?? 0 },
        retryAfterSeconds: row.retry_after,
      };
    }),
  );
}

function scopeOf(row: FullQuotaRow): { scope: QuotaScopeType; scopeId: string } {
  const named: [QuotaScopeType, IdPrefix, string | null][] = [
    ['workspace', 'ws', row.workspace_id],
    ['token', 'tok', row.token_id],
    ['key', 'aip', row.provider_key_id],
  ];
  for (const [scope, prefix, uuid] of named)
    if (uuid !== null) return { scope, scopeId: fromUuid(prefix, uuid) };
  return { scope: 'organization', scopeId: fromUuid('org', row.org_id) };
}
