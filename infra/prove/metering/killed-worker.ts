import { setTimeout as delay } from 'node:timers/promises';
import { newUuid, toUuid } from '#lib/kernel';
import type { Figures } from '../figures.js';
import type { Promises } from '../promises.js';
import type { Installation } from '../series/installation.js';
import { comesAbout, furnish } from './scene.js';

const RECEIPTS = 60_000;
/** Each is checked against its tenant as it is written. */
const WRITTEN_AT_ONCE = 2_000;
const KILLS = 3;
/** A job whose worker died is taken up again when its queue notices, or at the next minute. */
const ADDED_WITHIN_MS = 240_000;

export const WORKER_PROMISES: Promises = {
  workersKilled: { is: KILLS },
  receiptsToAdd: { is: RECEIPTS },
  receiptsAddedByDay: { is: RECEIPTS },
  receiptsAddedByMinute: { is: RECEIPTS },
  daysThatDiffer: { is: 0 },
};

/** Many receipts are added up by workers that end by kill -9 in the middle: by the day and by the minute, each once. */
export async function killedWorker(scene: Installation, tell: (line: string) => void): Promise<Figures> {
  const { db } = scene;
  const { owner, target } = await furnish(scene, 'rolled');
  const [org, workspace, run] = [toUuid(owner.orgId), toUuid(target.workspaceId), newUuid()];
  await db.query(
    `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status)
     VALUES ($1, $2, $3, 'rolled', 'h', 'tok_x', 'succeeded')`,
    [org, run, workspace],
  );
  for (let from = 1; from <= RECEIPTS; from += WRITTEN_AT_ONCE)
    await db.query(
      `INSERT INTO usage_records (org_id, id, run_id, workspace_id, provider_key_id, key_version, provider, model, principal_id,
       user_id, outcome, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_micro_usd, created_at)
     SELECT $1, gen_random_uuid(), $2, $3, k.id, 1, 'openai', 'm' || n % 7, 'tok_x', 'user ' || n % 50, 'ok', n % 100, 5, 0, 0, n % 9,
       now() - n * interval '30 seconds'
     FROM generate_series($4::int, $5::int) n, (SELECT id FROM provider_keys WHERE org_id = $1 LIMIT 1) k`,
      [org, run, workspace, from, from + WRITTEN_AT_ONCE - 1],
    );
  const added = async (table: string): Promise<number> => {
    const text = `SELECT coalesce(sum(calls), 0)::int AS n FROM ${table} WHERE org_id = $1`;
    return (await db.query<{ n: number }>(text, [org])).rows[0]?.n ?? 0;
  };
  const midway: number[] = [];
  let kills = 0;
  for (; kills < KILLS; kills += 1) {
    const worker = await scene.startWorker();
    const before = await added('usage_days');
    await comesAbout(async () => (await added('usage_days')) > before, ADDED_WITHIN_MS);
    await delay(Math.random() * 300);
    worker.kill();
    await worker.ended;
    midway.push(await added('usage_days'));
    tell(`kill -9 of a worker that had added ${midway.at(-1)} of ${RECEIPTS}`);
  }
  await scene.startWorker();
  await comesAbout(async () => (await added('usage_days')) >= RECEIPTS, ADDED_WITHIN_MS);
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (
       SELECT day, sum(calls), sum(input_tokens), sum(output_tokens), sum(cost_micro_usd) FROM usage_days WHERE org_id = $1 GROUP BY 1
       EXCEPT SELECT (created_at AT TIME ZONE 'UTC')::date, count(*), sum(input_tokens), sum(output_tokens), sum(cost_micro_usd)
       FROM usage_records WHERE org_id = $1 GROUP BY 1) d`,
    [org],
  );
  return {
    workersKilled: kills,
    receiptsToAdd: RECEIPTS,
    addedAtTheKills: midway,
    receiptsAddedByDay: await added('usage_days'),
    receiptsAddedByMinute: await added('usage_minutes'),
    daysThatDiffer: rows[0]?.n ?? -1,
  };
}
