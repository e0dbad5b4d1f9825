import type { DomainEvent } from '#lib/contracts';
import { newUuid, toUuid } from '#lib/kernel';
import type { TenantPg } from '../pg/tenant-pg.js';
import type { TenantTx } from '../tenant/tenant-db.js';

/** Where processes listen for changes (`EventListener`). */
export const EVENT_CHANNEL = 'claviger_events';

/**
 * Records what happened for the relay, and notifies the other processes when the caller's transaction commits.
 * The notification only makes things faster; the row is the truth. Both carry ids, never values.
 */
export async function appendOutbox(tx: TenantTx, event: DomainEvent): Promise<void> {
  const ids = JSON.stringify(event.ids);
  await tx.$executeRaw`
    INSERT INTO outbox_events (org_id, id, topic, ids)
    VALUES (${toUuid(event.orgId)}::uuid, ${newUuid()}::uuid, ${event.topic}, ${ids}::jsonb)`;
  await tx.$executeRaw`SELECT pg_notify(${EVENT_CHANNEL}, ${JSON.stringify(event)})`;
}

/** The plain-SQL twin of `appendOutbox`. */
export async function appendOutboxPg(tx: TenantPg, event: DomainEvent): Promise<void> {
  await tx.query('INSERT INTO outbox_events (org_id, id, topic, ids) VALUES ($1, $2, $3, $4::jsonb)', [
    toUuid(event.orgId),
    newUuid(),
    event.topic,
    JSON.stringify(event.ids),
  ]);
  await tx.query('SELECT pg_notify($1, $2)', [EVENT_CHANNEL, JSON.stringify(event)]);
}
