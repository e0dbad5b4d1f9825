import { Injectable } from '@nestjs/common';
import { ROTATION_MS, VERSION_DRAIN_MS, type DomainEvent, type EventTopic } from '#lib/contracts';
import { fromUuid, newId, timeOfId, toUuid } from '#lib/kernel';
import { PgPool } from './pg/pg-pool.js';
import { withTenantPg } from './pg/tenant-pg.js';
import { appendAuditPg } from './records/append-audit.js';

/** A version whose sealed bytes have had their time. */
export interface StaleVersion {
  orgId: string;
  secretId: string;
  version: number;
  /** Replaced by another one, or left behind by a rotation that died. */
  state: 'draining' | 'pending';
}

/** An event of the outbox, with its id (`out_…`) and when it happened. */
export interface PublishedEvent extends DomainEvent {
  id: string;
  at: Date;
}

/** The worker's reading and writing over tenants: functions granted to its role and to no other. */
@Injectable()
export class WorkerStore {
  constructor(private readonly pool: PgPool) {}

  /** The oldest events that the relay has not published, and may try now. */
  async unpublishedEvents(limit: number): Promise<PublishedEvent[]> {
    const { rows } = await this.pool.query<{
      org_id: string;
      id: string;
      topic: EventTopic;
      ids: DomainEvent['ids'];
      created_at: Date;
    }>('SELECT org_id, id, topic, ids, created_at FROM lookup.outbox_happened($1)', [limit]);
    return rows.map(({ org_id, id, topic, ids, created_at: at }) => ({
      at,
      orgId: fromUuid('org', org_id),
      id: fromUuid('out', id),
      topic,
      ids,
    }));
  }

  /** When the oldest event happened that is not published, whether it may be tried now or not; null: none waits. */
  async oldestUnpublished(): Promise<Date | null> {
    const { rows } = await this.pool.query<{ id: string }>('SELECT id FROM lookup.outbox_waiting(1)');
    return rows[0] ? new Date(timeOfId(fromUuid('out', rows[0].id))) : null;
  }

  /** Puts an event off that could not be published, longer each time. Answers how often it has failed by now. */
  async deferEvent(id: string): Promise<number> {
    const { rows } = await this.pool.query<{ attempts: number | null }>(
      'SELECT lookup.outbox_defer($1) AS attempts',
      [toUuid(id)],
    );
    return rows[0]?.attempts ?? 0;
  }

  /** How many events wait after an attempt that failed. */
  async failingEvents(): Promise<number> {
    const { rows } = await this.pool.query<{ events: number }>('SELECT lookup.outbox_failing() AS events');
    return rows[0]?.events ?? 0;
  }

  /** How many runs wait for their turn, and for how many seconds the first of them has. */
  async runsWaiting(): Promise<{ runs: number; oldestSeconds: number }> {
    const { rows } = await this.pool.query<{ runs: number; oldest_seconds: number }>(
      'SELECT runs, oldest_seconds FROM lookup.runs_waiting()',
    );
    return { runs: rows[0]?.runs ?? 0, oldestSeconds: rows[0]?.oldest_seconds ?? 0 };
  }

  async markPublished(ids: string[]): Promise<void> {
    await this.pool.query('SELECT lookup.outbox_mark($1)', [ids.map(toUuid)]);
  }

  /** Removes what has had its time: sessions, idempotency keys > 24 h, throttle windows, published events > 7 days. */
  async purgeExpired(): Promise<void> {
    await this.pool.query('SELECT lookup.sweep_expired()');
  }

  /** Removes what runs leave behind: their events a day after their end. Answers how many rows went; call it again while there are any. */
  async purgeRunRemains(limit: number): Promise<number> {
    const { rows } = await this.pool.query<{ gone: number }>('SELECT lookup.sweep_run_remains($1) AS gone', [
      limit,
    ]);
    return rows[0]?.gone ?? 0;
  }

  /** Removes messages of webhooks of more than 30 days ago. Answers how many rows went; call it again while there are any. */
  async purgeDeliveries(limit: number): Promise<number> {
    const { rows } = await this.pool.query<{ gone: number }>('SELECT lookup.sweep_deliveries($1) AS gone', [
      limit,
    ]);
    return rows[0]?.gone ?? 0;
  }

  /** Drained versions whose 15 minutes are over, oldest first. */
  drainedVersions(limit: number): Promise<StaleVersion[]> {
    return this.#stale('draining', 'lookup.due_shreds', VERSION_DRAIN_MS, limit);
  }

  /** Versions that wait for a test that no process is making any more, oldest first. */
  abandonedVersions(limit: number): Promise<StaleVersion[]> {
    return this.#stale('pending', 'lookup.abandoned_versions', ROTATION_MS, limit);
  }

  /** Erases the sealed bytes of a version, with the audit row in the same transaction; false: it is not in that state any more. */
  async shredVersion({ orgId, secretId, version, state }: StaleVersion): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rowCount } = await tx.query(
        `UPDATE secret_versions SET wrapped_dek = NULL, envelope = NULL, state = 'shredded'
         WHERE secret_id = $1 AND version = $2 AND state = $3`,
        [toUuid(secretId), version, state],
      );
      if (rowCount === 0) return false;
      await appendAuditPg(tx, {
        orgId,
        actor: 'system',
        action: 'secrets:ShredVersion',
        target: secretId,
        requestId: newId('req'),
        ip: null,
        change: { version, state: [state, 'shredded'] },
      });
      return true;
    });
  }

  async #stale(
    state: StaleVersion['state'],
    due: 'lookup.due_shreds' | 'lookup.abandoned_versions',
    afterMs: number,
    limit: number,
  ): Promise<StaleVersion[]> {
    const { rows } = await this.pool.query<{ org_id: string; secret_id: string; version: number }>(
      `SELECT org_id, secret_id, version FROM ${due}($1, $2)`,
      [afterMs / 1000, limit],
    );
    return rows.map(({ org_id, secret_id, version }) => ({
      orgId: fromUuid('org', org_id),
      secretId: fromUuid('sec', secret_id),
      version,
      state,
    }));
  }
}
