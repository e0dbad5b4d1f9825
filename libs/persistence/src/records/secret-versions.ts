import { VERSION_DRAIN_MS } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { TenantTx } from '../tenant/tenant-db.js';

/** A sealed version as the control plane writes it: it can never read the last two back. */
export interface NewSecretVersion {
  orgId: string;
  secretId: string;
  version: number;
  format: number;
  kmsRef: string;
  /** Sorted set of origins that the AAD binds. */
  origins: string[];
  wrappedDek: Uint8Array;
  envelope: Uint8Array;
  state: 'pending' | 'active';
  /** `usr_…`, or null. */
  createdBy: string | null;
}

/** Writes a sealed version. Plain SQL, because the ORM would read the row back, which the role may not. */
export async function insertSecretVersion(tx: TenantTx, row: NewSecretVersion): Promise<void> {
  const createdBy = row.createdBy === null ? null : toUuid(row.createdBy);
  await tx.$executeRaw`
    INSERT INTO secret_versions
      (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state, created_by)
    VALUES (${toUuid(row.orgId)}::uuid, ${toUuid(row.secretId)}::uuid, ${row.version}, ${row.format}::smallint,
            ${row.kmsRef}, ${row.origins}::text[], ${row.wrappedDek}, ${row.envelope}, ${row.state},
            ${createdBy}::uuid)`;
}

/**
 * Erases the sealed bytes of all versions of a secret, or of one. Call it in the transaction of the audit row.
 * Answers how many versions were erased.
 */
export async function shredSecretVersions(tx: TenantTx, secretId: string, version?: number): Promise<number> {
  return tx.$executeRaw`
    UPDATE secret_versions SET wrapped_dek = NULL, envelope = NULL, state = 'shredded'
    WHERE secret_id = ${toUuid(secretId)}::uuid AND state <> 'shredded'
      AND (${version ?? null}::int IS NULL OR version = ${version ?? null}::int)`;
}

/**
 * Makes a pending version the active one and lets the active one drain, in this order because only one may be
 * active. Answers whether it was still pending (if not, roll back) and the version that now drains, or null when there was
 * none. Tell the worker with the event `secret-version.retired`: the bytes are erased 15 minutes later (CUSTODY §5).
 */
export async function activateSecretVersion(
  tx: TenantTx,
  secretId: string,
  version: number,
): Promise<{ activated: boolean; retired: number | null }> {
  const uuid = toUuid(secretId);
  const retired = await tx.$queryRaw<{ version: number }[]>`
    UPDATE secret_versions SET state = 'draining', retired_at = clock_timestamp()
    WHERE secret_id = ${uuid}::uuid AND state = 'active' AND version <> ${version} RETURNING version`;
  const activated = await tx.$executeRaw`
    UPDATE secret_versions SET state = 'active'
    WHERE secret_id = ${uuid}::uuid AND version = ${version} AND state = 'pending'`;
  return { activated: activated === 1, retired: retired[0]?.version ?? null };
}

/** Lets a draining version serve for so many seconds from now, instead of the usual quarter of an hour (CUSTODY §5). */
export async function drainSecretVersionFor(
  tx: TenantTx,
  secretId: string,
  version: number,
  seconds: number,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE secret_versions SET retired_at = clock_timestamp() + make_interval(secs => ${seconds - VERSION_DRAIN_MS / 1_000}::int)
    WHERE secret_id = ${toUuid(secretId)}::uuid AND version = ${version} AND state = 'draining'`;
}
