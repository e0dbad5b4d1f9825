import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import type { UsageRowDto } from './usage.dto.js';
import { instantsOf, written, type UsageGroup, type UsageInterval, type UsageRange } from './usage.js';

export interface UsageFilter {
  workspaceId: string | undefined;
  aiProviderId: string | undefined;
}

/** What is added up, and by what. */
export interface UsageSums extends UsageRange {
  interval: UsageInterval;
  groupBy: UsageGroup;
}

interface SumRow {
  at: Date;
  group: string | null;
  name: string | null;
  calls: bigint;
  failed_calls: bigint;
  input_tokens: bigint;
  output_tokens: bigint;
  cached_input_tokens: bigint;
  reasoning_tokens: bigint;
  cost_micro_usd: bigint;
  unpriced_calls: bigint;
}

/** What is grouped by, and the name that goes with it: fixed pieces of SQL, never input. */
const GROUPS: Record<UsageGroup, { group: Prisma.Sql; name: Prisma.Sql }> = {
  key: {
    group: Prisma.sql`r.provider_key_id::text`,
    name: Prisma.sql`(SELECT k.name FROM provider_keys k WHERE k.org_id = s.org_id AND k.id = s.grp::uuid)`,
  },
  workspace: {
    group: Prisma.sql`r.workspace_id::text`,
    name: Prisma.sql`(SELECT w.name FROM workspaces w WHERE w.org_id = s.org_id AND w.id = s.grp::uuid)`,
  },
  workflow: { group: Prisma.sql`r.workflow_id`, name: Prisma.sql`NULL` },
  user: { group: Prisma.sql`r.user_id`, name: Prisma.sql`NULL` },
  token: { group: Prisma.sql`r.principal_id`, name: Prisma.sql`NULL` },
  model: { group: Prisma.sql`r.model`, name: Prisma.sql`NULL` },
};

@Injectable()
export class UsageRepository {
  /** Whether the organization has, or had when a receipt was written, what the filter names. */
  async knows(tx: TenantTx, orgId: string, { workspaceId, aiProviderId }: UsageFilter): Promise<boolean> {
    const org = toUuid(orgId);
    const workspace = workspaceId === undefined ? null : toUuid(workspaceId);
    const key = aiProviderId === undefined ? null : toUuid(aiProviderId);
    const [row] = await tx.$queryRaw<{ known: boolean }[]>`
      SELECT (${workspace}::uuid IS NULL
              OR EXISTS (SELECT FROM workspaces w WHERE w.org_id = ${org}::uuid AND w.id = ${workspace}::uuid)
              OR EXISTS (SELECT FROM usage_days r WHERE r.org_id = ${org}::uuid AND r.workspace_id = ${workspace}::uuid)
              OR EXISTS (SELECT FROM usage_records r WHERE r.org_id = ${org}::uuid AND r.workspace_id = ${workspace}::uuid))
         AND (${key}::uuid IS NULL
              OR EXISTS (SELECT FROM provider_keys k WHERE k.org_id = ${org}::uuid AND k.id = ${key}::uuid)
              OR EXISTS (SELECT FROM usage_days r WHERE r.org_id = ${org}::uuid AND r.provider_key_id = ${key}::uuid)
              OR EXISTS (SELECT FROM usage_records r WHERE r.org_id = ${org}::uuid AND r.provider_key_id = ${key}::uuid))
         AS known`;
    return row?.known ?? false;
  }

  /**
   * Sums per interval and group: what the worker has added up and the receipts that it has not, in one statement, so that they are
   * exact up to this moment whatever it does meanwhile.
   */
  async sums(tx: TenantTx, orgId: string, how: UsageSums, filter: UsageFilter): Promise<UsageRowDto[]> {
    const org = Prisma.sql`${toUuid(orgId)}::uuid`;
    const workspace = filter.workspaceId === undefined ? null : toUuid(filter.workspaceId);
    const key = filter.aiProviderId === undefined ? null : toUuid(filter.aiProviderId);
    const { start, end } = instantsOf(how, how.interval);
    const { group, name } = GROUPS[how.groupBy];
    const { added, ofReceipt } = SOURCES[how.interval];
    const rows = await tx.$queryRaw<SumRow[]>`
      WITH parts AS (
        ${added(org, start, end)}
        UNION ALL
        SELECT u.org_id, ${ofReceipt}, u.workspace_id, u.provider_key_id, u.model, u.principal_id, u.user_id, u.workflow_id,
               1, (u.outcome <> 'ok')::int, u.input_tokens, u.output_tokens, u.cached_input_tokens, u.reasoning_tokens,
               coalesce(u.cost_micro_usd, 0), (u.cost_micro_usd IS NULL)::int
        FROM usage_records u
        WHERE u.org_id = ${org} AND u.rolled_at IS NULL AND u.created_at >= ${start} AND u.created_at < ${end})
      SELECT s.at, s.grp AS "group", ${name} AS name, s.calls, s.failed_calls, s.input_tokens, s.output_tokens,
             s.cached_input_tokens, s.reasoning_tokens, s.cost_micro_usd, s.unpriced_calls
      FROM (
        SELECT r.org_id, r.at, ${group} AS grp, sum(r.calls)::bigint AS calls, sum(r.failed_calls)::bigint AS failed_calls,
               sum(r.input_tokens)::bigint AS input_tokens, sum(r.output_tokens)::bigint AS output_tokens,
               sum(r.cached_input_tokens)::bigint AS cached_input_tokens, sum(r.reasoning_tokens)::bigint AS reasoning_tokens,
               sum(r.cost_micro_usd)::bigint AS cost_micro_usd, sum(r.unpriced_calls)::bigint AS unpriced_calls
        FROM parts r
        WHERE (${workspace}::uuid IS NULL OR r.workspace_id = ${workspace}::uuid)
          AND (${key}::uuid IS NULL OR r.provider_key_id = ${key}::uuid)
        GROUP BY 1, 2, 3) s
      ORDER BY s.at, s.cost_micro_usd DESC, s.grp`;
    return rows.map((row) => toDto(row, how));
  }
}

/** Of what the worker added up, the columns that `parts` has after its time. */
const ADDED = Prisma.sql`p.workspace_id, p.provider_key_id, p.model, p.principal_id, p.user_id, p.workflow_id, p.calls, p.failed_calls,
  p.input_tokens, p.output_tokens, p.cached_input_tokens, p.reasoning_tokens, p.cost_micro_usd, p.unpriced_calls`;

/** Where the sums of an interval are, and the start of the interval that a receipt is in. */
const SOURCES: Record<
  UsageInterval,
  { added: (org: Prisma.Sql, start: Date, end: Date) => Prisma.Sql; ofReceipt: Prisma.Sql }
> = {
  day: {
    added: (org, start, end) => Prisma.sql`
      SELECT p.org_id, p.day::timestamp AT TIME ZONE 'UTC' AS at, ${ADDED} FROM usage_days p
      WHERE p.org_id = ${org} AND p.day >= ${written(start, 'day')}::date AND p.day < ${written(end, 'day')}::date`,
    ofReceipt: Prisma.sql`date_trunc('day', u.created_at, 'UTC')`,
  },
  minute: {
    added: (org, start, end) => Prisma.sql`
      SELECT p.org_id, p.minute AS at, ${ADDED} FROM usage_minutes p
      WHERE p.org_id = ${org} AND p.minute >= ${start} AND p.minute < ${end}`,
    ofReceipt: Prisma.sql`date_trunc('minute', u.created_at, 'UTC')`,
  },
};

function toDto(row: SumRow, { interval, groupBy }: UsageSums): UsageRowDto {
  return {
    day: written(row.at, 'day'),
    minute: interval === 'minute' ? written(row.at, 'minute') : null,
    group: row.group && groupId(row.group, groupBy),
    name: row.name,
    calls: Number(row.calls),
    failedCalls: Number(row.failed_calls),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cachedInputTokens: Number(row.cached_input_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
    costMicroUsd: Number(row.cost_micro_usd),
    unpricedCalls: Number(row.unpriced_calls),
  };
}

function groupId(value: string, by: UsageGroup): string {
  if (by === 'key') return fromUuid('aip', value);
  return by === 'workspace' ? fromUuid('ws', value) : value;
}
