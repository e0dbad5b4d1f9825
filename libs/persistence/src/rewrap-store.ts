import { Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import { PgPool, type PgClient } from './pg/pg-pool.js';

/** A stored version's data key as it is wrapped now. The envelope is no business of who re-wraps. */
export interface WrappedVersion {
  orgId: string;
  secretId: string;
  version: number;
  kmsRef: string;
  wrappedDek: Buffer;
}

/** How many stored versions of a purpose a master key holds. */
export interface WrappedCount {
  purpose: string;
  kmsRef: string;
  versions: number;
}

export interface ClaimOptions {
  purpose: string;
  /** Only what is wrapped under one of these. */
  refs: string[];
  /** The last row of the batch before; none: from the start. */
  after?: WrappedVersion;
  limit: number;
}

/** Stores a new wrapping where the old one still stands; false: it does not, and nothing was stored. */
export type SaveWrapping = (
  row: WrappedVersion,
  next: { kmsRef: string; wrappedDek: Uint8Array },
  expected: Uint8Array,
) => Promise<boolean>;

const NIL = '00000000-0000-0000-0000-000000000000';

/** The worker's way to wrapped data keys over tenants, a batch at a time. */
@Injectable()
export class RewrapStore {
  constructor(private readonly pool: PgPool) {}

  /** What each master key holds, over all tenants. */
  async progress(): Promise<WrappedCount[]> {
    const { rows } = await this.pool.query<{ purpose: string; kms_ref: string; versions: string }>(
      'SELECT purpose, kms_ref, versions FROM lookup.rewrap_progress()',
    );
    return rows.map((row) => ({ purpose: row.purpose, kmsRef: row.kms_ref, versions: Number(row.versions) }));
  }

  /**
   * Locks the next rows, hands them to `work`, and commits what it saved when it resolves. When it throws, or the
   * process dies, nothing of the batch is stored and the rows are there for whoever comes next.
   */
  async batch<T>(
    options: ClaimOptions,
    work: (rows: WrappedVersion[], save: SaveWrapping) => Promise<T>,
  ): Promise<T> {
    return this.pool.transaction(async (client) => work(await claim(client, options), saveBy(client)));
  }
}

async function claim(client: PgClient, options: ClaimOptions): Promise<WrappedVersion[]> {
  const { purpose, refs, after, limit } = options;
  const cursor = after ? [toUuid(after.orgId), toUuid(after.secretId), after.version] : [NIL, NIL, 0];
  const { rows } = await client.query<{
    org_id: string;
    secret_id: string;
    version: number;
    kms_ref: string;
    wrapped_dek: Buffer;
  }>('SELECT * FROM lookup.rewrap_claim($1, $2, $3, $4, $5, $6)', [purpose, refs, ...cursor, limit]);
  return rows.map((row) => ({
    orgId: fromUuid('org', row.org_id),
    secretId: fromUuid('sec', row.secret_id),
    version: row.version,
    kmsRef: row.kms_ref,
    wrappedDek: row.wrapped_dek,
  }));
}

/** One connection takes one statement at a time, so that saves wait for each other. */
function saveBy(client: PgClient): SaveWrapping {
  let last: Promise<unknown> = Promise.resolve();
  return (row, next, expected) => {
    const saved = last.then(async () => {
      const { rows } = await client.query<{ saved: boolean }>(
        'SELECT lookup.rewrap_save($1, $2, $3, $4, $5, $6) AS saved',
        [toUuid(row.orgId), toUuid(row.secretId), row.version, expected, next.kmsRef, next.wrappedDek],
      );
      return rows[0]?.saved === true;
    });
    last = saved.catch(() => undefined);
    return saved;
  };
}
