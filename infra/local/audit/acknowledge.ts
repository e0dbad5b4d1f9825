import { PLATFORM_ORG } from '#lib/contracts';
import { newId } from '#lib/kernel';
import { appendAuditPg, CheckpointStore, withTenantPg, type PgPool } from '#lib/persistence';

export interface Acknowledged {
  epoch: number;
  restoredTo: number;
  orgs: number;
}

/**
 * Takes note that this database is an old copy: its epoch goes past the outside one, and every organization's log says
 * so, since each may have lost revocations, as does the platform's own. Throws when the database is not behind.
 */
export async function acknowledgeRestore(
  pool: PgPool,
  outside: number,
  reason: string,
): Promise<Acknowledged> {
  const store = new CheckpointStore(pool);
  const restoredTo = await store.epoch();
  const orgs = (await store.orgs()).filter((orgId) => orgId !== PLATFORM_ORG);
  for (const orgId of [...orgs, PLATFORM_ORG]) {
    await withTenantPg(pool, orgId, (tx) =>
      appendAuditPg(tx, {
        orgId,
        actor: 'system',
        action: 'platform:AcknowledgeRestore',
        target: orgId,
        requestId: newId('req'),
        ip: null,
        change: { lostFromEpoch: restoredTo + 1, lostToEpoch: outside, reason },
      }),
    );
  }
  const epoch = await store.acknowledgeRestore(outside, reason);
  return { epoch, restoredTo, orgs: orgs.length };
}
