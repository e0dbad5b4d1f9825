import { Injectable } from '@nestjs/common';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import { chargeRun, releaseRun } from './settle.js';

const BATCH = 200;

/** Charges what dead processes and runs that never ended had reserved: unknown is not nothing (CUSTODY §10). What was never sent is. */
@Injectable()
export class LostReservations {
  constructor(private readonly pool: PgPool) {}

  /** Answers how many were charged here. Several processes may sweep at once. */
  async charge(silentSeconds: number): Promise<number> {
    let charged = 0;
    for (;;) {
      const before = charged;
      const { rows } = await this.pool.query<{ org_id: string; run_id: string }>(
        'SELECT org_id, run_id FROM lookup.lost_reservations($1, $2)',
        [silentSeconds, BATCH],
      );
      for (const { org_id, run_id } of rows) {
        const done = await this.giveUp(fromUuid('org', org_id), fromUuid('run', run_id), silentSeconds);
        if (done) charged += 1;
      }
      // A full batch of which nothing was ours is another process's, which goes on by itself.
      if (rows.length < BATCH || charged === before) return charged;
    }
  }

  /** What such a run held is charged, or given back where nothing can have left. False: neither, as it was done, or a process has the run. */
  giveUp(orgId: string, runId: string, silentSeconds: number): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      switch (await standingOf(tx, runId, silentSeconds)) {
        case 'taken':
          return false;
        case 'unsent':
          await releaseRun(tx, runId);
          return true;
        case 'lost':
          return chargeRun(tx, runId, newUuid());
      }
    });
  }
}

/**
 * How a run stands by now, as it was looked for a moment ago. `unsent`: it waits for its turn or ended, and its mark was never set.
 * `taken`: a living process has taken it up anew, and what is reserved is that one's.
 */
async function standingOf(
  tx: TenantPg,
  runId: string,
  silentSeconds: number,
): Promise<'taken' | 'unsent' | 'lost'> {
  const { rows } = await tx.query<{ taken: boolean; unsent: boolean }>(
    `SELECT a.status <> 'running' AND a.claimed_at IS NOT NULL AND a.sent_at IS NULL AS unsent,
       a.status = 'running' AND q.expires_at > clock_timestamp() AND EXISTS (
         SELECT 1 FROM engine_processes p
         WHERE p.id = a.engine_id AND p.heartbeat_at > clock_timestamp() - make_interval(secs => $2)) AS taken
     FROM agent_runs a JOIN quota_reservations q ON q.org_id = a.org_id AND q.run_id = a.id
     WHERE a.id = $1 FOR NO KEY UPDATE OF a`,
    [toUuid(runId), silentSeconds],
  );
  if (rows[0]?.taken) return 'taken';
  return rows[0]?.unsent ? 'unsent' : 'lost';
}
