import type { AuditEntry } from '#lib/contracts';
import { newUuid } from '#lib/kernel';
import type { TenantPg } from '../pg/tenant-pg.js';
import type { TenantTx } from '../tenant/tenant-db.js';

/**
 * Adds an entry to the organization's audit chain in the caller's transaction: no entry, no change (CUSTODY §9).
 * The tenant is the transaction's own. Writers of one organization queue up here until the transaction ends, so
 * append last.
 */
export async function appendAudit(tx: TenantTx, entry: AuditEntry): Promise<void> {
  const { actor, action, target, requestId, ip } = entry;
  const change = JSON.stringify(entry.change);
  await tx.$queryRaw`
    SELECT lookup.audit_append(${newUuid()}::uuid, ${actor}, ${action}, ${target}, ${requestId}, ${ip}, ${change}::jsonb)`;
}

/** The plain-SQL twin of `appendAudit`. */
export async function appendAuditPg(tx: TenantPg, entry: AuditEntry): Promise<void> {
  const { actor, action, target, requestId, ip } = entry;
  await tx.query('SELECT lookup.audit_append($1, $2, $3, $4, $5, $6, $7::jsonb)', [
    newUuid(),
    actor,
    action,
    target,
    requestId,
    ip,
    JSON.stringify(entry.change),
  ]);
}
