import { PLATFORM, PLATFORM_ORG, type EventTopic } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { appendAudit, EVENT_CHANNEL, type TenantDb, type TenantTx } from '#lib/persistence';

/** What an operator did to the platform. Acts about one organization belong in that organization's chain. */
export interface PlatformAct {
  action: string;
  target: string;
  /** Before and after. */
  change: Record<string, unknown>;
}

/**
 * Runs `fn` in one transaction of the platform, one after the other, so that what was before is known. Its audit chain is like
 * an organization's, under an id that none can have: the tenant wall keeps it from all of them (ADR 0028).
 */
export function changePlatform<T>(db: TenantDb, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
  return db.withOrg(PLATFORM_ORG, async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('platform', 0))`;
    return fn(tx);
  });
}

/** The act's entry, in the transaction of the change: no entry, no change. */
export async function recordAct(tx: TenantTx, act: PlatformAct): Promise<void> {
  const { requestId, ip } = requestContext;
  await appendAudit(tx, { orgId: PLATFORM_ORG, actor: 'operator', requestId, ip, ...act });
}

/** Tells every process when the transaction commits. Nobody's outbox keeps it: who missed it reads it within 2 s. */
export async function tellAll(tx: TenantTx, topic: EventTopic): Promise<void> {
  const event = JSON.stringify({ orgId: PLATFORM, topic, ids: {} });
  await tx.$executeRaw`SELECT pg_notify(${EVENT_CHANNEL}, ${event})`;
}
