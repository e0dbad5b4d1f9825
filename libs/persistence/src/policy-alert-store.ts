import { Injectable } from '@nestjs/common';
import { fromUuid, newId, newUuid } from '#lib/kernel';
import { PgPool } from './pg/pg-pool.js';
import { withTenantPg } from './pg/tenant-pg.js';
import { appendAuditPg } from './records/append-audit.js';

interface DueAlert {
  org_id: string;
  policy_id: string;
  day: string;
  calls: string;
}

const BATCH = 200;

/**
 * Tells of policies of severity MEDIUM that calls break: once a day (UTC) for each. Several workers may look at once: the
 * notice's own row decides who wrote it. The event was written with the violation.
 */
@Injectable()
export class PolicyAlertStore {
  constructor(private readonly pool: PgPool) {}

  /** Writes what is due now. Answers how many notices this process wrote. */
  async run(): Promise<number> {
    let written = 0;
    for (;;) {
      const before = written;
      const { rows } = await this.pool.query<DueAlert>(
        'SELECT org_id::text, policy_id::text, day::text, calls FROM lookup.due_policy_alerts($1)',
        [BATCH],
      );
      for (const alert of rows) if (await this.#add(alert)) written += 1;
      if (rows.length < BATCH || written === before) return written;
    }
  }

  /** The notice with its audit row, both or none. False: another worker has written it, or the policy is gone. */
  #add({ org_id, policy_id, day, calls }: DueAlert): Promise<boolean> {
    const orgId = fromUuid('org', org_id);
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rowCount } = await tx.query(
        `INSERT INTO notices (org_id, id, kind, policy_id, policy_day, level, created_at)
         SELECT p.org_id, $1::uuid, 'policy.alerted', p.id, $3::date, 'warning', clock_timestamp() FROM policies p
         WHERE p.id = $2 ON CONFLICT DO NOTHING`,
        [newUuid(), policy_id, day],
      );
      if (rowCount === 0) return false;
      await appendAuditPg(tx, {
        orgId,
        actor: 'system',
        action: 'notices:CreateNotice',
        target: fromUuid('pol', policy_id),
        requestId: newId('req'),
        ip: null,
        change: { kind: 'policy.alerted', day, calls: Number(calls) },
      });
      return true;
    });
  }
}
