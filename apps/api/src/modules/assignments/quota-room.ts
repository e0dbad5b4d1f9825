import { Injectable } from '@nestjs/common';
import { can, type Principal } from '#lib/access';
import type { KnownQuotaRoom, QuotaRoom, StateQuota } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { PgPool, withTenantPg } from '#lib/persistence';

interface RoomRow {
  id: string;
  used: string;
  reserved: string;
  resets_at: Date;
}

/** What is left of quotas and budgets in the window that is now, as the engines count it. It reserves nothing. */
@Injectable()
export class QuotaRoomReader {
  constructor(private readonly pool: PgPool) {}

  /** All of it, for the gates: who is told of it is for `shownTo` to say. */
  async of(orgId: string, quotas: readonly StateQuota[]): Promise<KnownQuotaRoom[]> {
    if (quotas.length === 0) return [];
    const { rows } = await withTenantPg(this.pool, orgId, (tx) =>
      tx.query<RoomRow>(
        `SELECT q.id::text, coalesce(c.settled, 0) AS used, coalesce(c.reserved, 0) AS reserved,
           (w.start + ('1 ' || q.period)::interval) AT TIME ZONE 'UTC' AS resets_at
         FROM quotas q
         CROSS JOIN LATERAL (SELECT date_trunc(q.period, now() AT TIME ZONE 'UTC') AS start) w
         LEFT JOIN quota_counters c
           ON c.org_id = q.org_id AND c.quota_id = q.id AND c.window_start = w.start AT TIME ZONE 'UTC'
         WHERE q.id = ANY ($1::uuid[])`,
        [quotas.map(({ id }) => toUuid(id))],
      ),
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return quotas.flatMap((quota) => {
      const row = found.get(toUuid(quota.id));
      return row ? [roomOf(orgId, quota, row)] : [];
    });
  }
}

/** Name and figures only for those who may read the quota: others are told whether there is room. */
export function shownTo(principal: Principal, room: KnownQuotaRoom): QuotaRoom {
  return can(principal, 'quotas:GetQuota', room.quotaId) ? room : { ...room, ...UNTOLD };
}

const UNTOLD = { name: null, scopeId: null, max: null, used: null, reserved: null, left: null };

function roomOf(orgId: string, { id: quotaId, scope, ...quota }: StateQuota, row: RoomRow): KnownQuotaRoom {
  const [used, reserved] = [Number(row.used), Number(row.reserved)];
  const left = Math.max(0, quota.max - used - reserved);
  return {
    ...quota,
    quotaId,
    scope: scope.type,
    scopeId: scope.type === 'organization' ? orgId : scope.id,
    ...{ used, reserved, left, hasRoom: left > 0 },
    resetsAt: row.resets_at.toISOString(),
  };
}
