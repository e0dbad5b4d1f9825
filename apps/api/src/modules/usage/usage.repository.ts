import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { Prisma } from '#prisma-client';
import type { UsageRowDto } from './usage.dto.js';
import type { DayRange, UsageGroup } from './usage.js';

export interface UsageFilter {
  workspaceId: string | undefined;
  aiProviderId: string | undefined;
}

interface SumRow {
  day: Date;
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
              OR EXISTS (SELECT FROM usage_records r WHERE r.org_id = ${org}::uuid AND r.workspace_id = ${workspace}::uuid))
         AND (${key}::uuid IS NULL
              OR EXISTS (SELECT FROM provider_keys k WHERE k.org_id = ${org}::uuid AND k.id = ${key}::uuid)
              OR EXISTS (SELECT FROM usage_records r WHERE r.org_id = ${org}::uuid AND r.provider_key_id = ${key}::uuid))
         AS known`;
    return row?.known ?? false;
  }

  /** Sums per day and group, from the receipts themselves, so that they are exact up to this moment. */
  async sums(
    tx: TenantTx,
    orgId: string,
    { from, to }: DayRange,
    by: UsageGroup,
    filter: UsageFilter,
  ): Promise<UsageRowDto[]> {
    const workspace = filter.workspaceId === undefined ? null : toUuid(filter.workspaceId);
    const key = filter.aiProviderId === undefined ? null : toUuid(filter.aiProviderId);
    const { group, name } = GROUPS[by];
    const rows = await tx.$queryRaw<SumRow[]>`
      SELECT s.day, s.grp AS "group", ${name} AS name, s.calls, s.failed_calls, s.input_tokens, s.output_tokens,
             s.cached_input_tokens, s.reasoning_tokens, s.cost_micro_usd, s.unpriced_calls
      FROM (
        SELECT r.org_id, (r.created_at AT TIME ZONE 'UTC')::date AS day, ${group} AS grp, count(*) AS calls,
               count(*) FILTER (WHERE r.outcome <> 'ok') AS failed_calls,
               sum(r.input_tokens)::bigint AS input_tokens, sum(r.output_tokens)::bigint AS output_tokens,
               sum(r.cached_input_tokens)::bigint AS cached_input_tokens,
               sum(r.reasoning_tokens)::bigint AS reasoning_tokens,
               coalesce(sum(r.cost_micro_usd), 0)::bigint AS cost_micro_usd,
               count(*) FILTER (WHERE r.cost_micro_usd IS NULL) AS unpriced_calls
        FROM usage_records r
        WHERE r.org_id = ${toUuid(orgId)}::uuid
          AND r.created_at >= ${from}::date::timestamp AT TIME ZONE 'UTC'
          AND r.created_at < (${to}::date + 1)::timestamp AT TIME ZONE 'UTC'
          AND (${workspace}::uuid IS NULL OR r.workspace_id = ${workspace}::uuid)
          AND (${key}::uuid IS NULL OR r.provider_key_id = ${key}::uuid)
        GROUP BY 1, 2, 3) s
      ORDER BY s.day, s.cost_micro_usd DESC, s.grp`;
    return rows.map((row) => toDto(row, by));
  }
}

function toDto(row: SumRow, by: UsageGroup): UsageRowDto {
  return {
    day: row.day.toISOString().slice(0, 10),
    group: row.group && groupId(row.group, by),
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
