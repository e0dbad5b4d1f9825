import { toUuid } from '#lib/kernel';
import type { PgPool } from '#lib/persistence';
import type { Posted } from './caller.js';
import type { Kill } from './fleet.js';
import { CALLS, kindOf, usageOf } from './vendor.js';

/** What the database has of a run in the end. */
export interface Ended {
  id: string;
  prompt: string;
  /** null: there is no row. */
  status: string | null;
  finishedAt: Date | null;
  text: string | null;
  /** Sums of the receipts; those of unknown use apart. */
  input: number;
  output: number;
  unknown: number;
}

const OVER = new Set(['succeeded', 'failed', 'cancelled', 'outcome_unknown']);

export async function readEnds(db: PgPool, posted: readonly Posted[]): Promise<Ended[]> {
  const { rows } = await db.query<Omit<Ended, 'prompt'>>(
    `SELECT i.id::text, r.status, r.finished_at AS "finishedAt", r.result ->> 'text' AS text, coalesce(u.input, 0)::int AS input,
       coalesce(u.output, 0)::int AS output, coalesce(u.unknown, 0)::int AS unknown
     FROM unnest($1::uuid[]) AS i (id) LEFT JOIN agent_runs r ON r.id = i.id LEFT JOIN LATERAL (
       SELECT sum(input_tokens) FILTER (WHERE outcome <> 'unknown') AS input, sum(output_tokens) FILTER (WHERE outcome <> 'unknown') AS output,
         count(*) FILTER (WHERE outcome = 'unknown') AS unknown
       FROM usage_records WHERE run_id = i.id) u ON true`,
    [posted.map(({ id }) => toUuid(id))],
  );
  const asked = new Map(posted.map(({ id, prompt }) => [toUuid(id), { id, prompt }]));
  return rows.map((row) => ({ ...row, ...asked.get(row.id)! }));
}

export function isOver({ status }: Ended): boolean {
  return status !== null && OVER.has(status);
}

/** Whether its receipts are what the vendor reported; of one of unknown use, that it is charged once; else that nothing is. */
export function isExact({ status, prompt, input, output, unknown }: Ended): boolean {
  if (status === 'outcome_unknown') return unknown === 1;
  const calls = status === 'succeeded' ? CALLS[kindOf(prompt)] : 0;
  const reported = usageOf(prompt);
  return unknown === 0 && input === calls * reported.input && output === calls * reported.output;
}

/** How long after a kill the last of the runs was over that the process had, in ms. */
export function slowestAfterKill(kills: readonly Kill[], ended: readonly Ended[]): number {
  const finished = new Map(ended.map(({ id, finishedAt }) => [toUuid(id), finishedAt?.getTime()]));
  const waits = kills.flatMap(({ at, runs }) => runs.map((id) => (finished.get(id) ?? 0) - at.getTime()));
  return Math.max(0, ...waits);
}
