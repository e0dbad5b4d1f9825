import { Injectable } from '@nestjs/common';
import type { PolicyScope } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';

/** What is kept of a run that rules can be judged by: one for each model that it called. */
export interface RecentCall {
  runId: string;
  workspaceId: string;
  at: Date;
  provider: string;
  model: string;
  /** null: the run is from before this was kept, and its surface and output limit are not known either. */
  tools: { kind: string; name: string | null }[] | null;
  surface: string | null;
  maxOutputTokens: number | null;
}

export interface KeptAnswer {
  text: string;
  output: unknown;
  steps: { text: string; toolCalls: { input: unknown; output: unknown }[] }[];
}

/** Of the newest runs that many kept answers are read, each up to that many bytes: they are judged one by one. */
const MOST_ANSWERS = 200;
const LONGEST_ANSWER = 16_384;

interface RecentRow {
  run_id: string;
  workspace_id: string;
  started_at: Date;
  provider: string;
  model: string;
  tools: { kind: string; name: string | null }[] | null;
  surface: string | null;
  max_output_tokens: number | null;
}

@Injectable()
export class RecentRunsRepository {
  /** The newest runs within the scope, at most `take` of them, with what each called. */
  async since(
    tx: TenantTx,
    orgId: string,
    scope: PolicyScope,
    since: Date,
    take: number,
  ): Promise<RecentCall[]> {
    const workspace = scope.type === 'workspace' ? toUuid(scope.id) : null;
    const token = scope.type === 'token' ? scope.id : null;
    const rows = await tx.$queryRaw<RecentRow[]>`
      SELECT DISTINCT r.id::text AS run_id, r.workspace_id::text, r.started_at, u.provider, u.model, r.tools, r.surface,
             r.max_output_tokens
      FROM (SELECT * FROM agent_runs a
            WHERE a.org_id = ${toUuid(orgId)}::uuid AND a.started_at >= ${since}
              AND (${workspace}::uuid IS NULL OR a.workspace_id = ${workspace}::uuid)
              AND (${token}::text IS NULL OR a.principal_id = ${token})
              AND EXISTS (SELECT FROM usage_records e WHERE e.org_id = a.org_id AND e.run_id = a.id
                            AND e.purpose = 'call')
            ORDER BY a.started_at DESC, a.id DESC LIMIT ${take}) r
      JOIN usage_records u ON u.org_id = r.org_id AND u.run_id = r.id AND u.purpose = 'call'
      ORDER BY r.started_at DESC, run_id DESC`;
    return rows.map((row) => ({
      runId: fromUuid('run', row.run_id),
      workspaceId: fromUuid('ws', row.workspace_id),
      at: row.started_at,
      provider: row.provider,
      model: row.model,
      tools: row.tools,
      surface: row.surface,
      maxOutputTokens: row.max_output_tokens,
    }));
  }

  /** What the newest of these runs, newest first, were answered with, by run; those are left out of which nothing is kept, or too much to read again. */
  async answers(tx: TenantTx, orgId: string, runIds: readonly string[]): Promise<Map<string, KeptAnswer>> {
    const newest = runIds.slice(0, MOST_ANSWERS).map(toUuid);
    const rows = await tx.$queryRaw<{ id: string; result: KeptAnswer }[]>`
      SELECT a.id::text, a.result FROM agent_runs a
      WHERE a.org_id = ${toUuid(orgId)}::uuid AND a.id = ANY (${newest}::uuid[]) AND a.retention = 'full'
        AND a.result IS NOT NULL AND octet_length(a.result::text) <= ${LONGEST_ANSWER}`;
    return new Map(rows.map(({ id, result }) => [fromUuid('run', id), result]));
  }
}
