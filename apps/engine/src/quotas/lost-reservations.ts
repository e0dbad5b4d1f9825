import { Injectable } from '@nestjs/common';
import { fromUuid, newUuid } from '#lib/kernel';
import { PgPool, withTenantPg } from '#lib/persistence';
import { chargeRun } from './settle.js';

const BATCH = 200;

/** Charges what dead processes and runs that never ended had reserved: unknown is not nothing (CUSTODY §10). */
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
        const runId = fromUuid('run', run_id);
        const done = await withTenantPg(this.pool, fromUuid('org', org_id), (tx) =>
          chargeRun(tx, runId, newUuid()),
        );
        if (done) charged += 1;
      }
      // A full batch of which nothing was ours is another process's, which goes on by itself.
      if (rows.length < BATCH || charged === before) return charged;
    }
  }
}
