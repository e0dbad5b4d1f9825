import type { OwnKmsKey, OwnKmsKeys } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { PgPool } from '../pg/pg-pool.js';
import { withTenantPg } from '../pg/tenant-pg.js';

interface Row extends Record<string, unknown> {
  key_arn: string;
  role_arn: string;
  external_id: string;
}

const SELECT = 'SELECT key_arn, role_arn, external_id FROM org_kms_keys WHERE org_id = $1';

/** The keys that organizations named, each read inside its own organization: by the statement, and by the wall besides. */
export class OwnKmsStore implements OwnKmsKeys {
  constructor(private readonly pool: PgPool) {}

  active(orgId: string): Promise<OwnKmsKey | null> {
    return this.#one(orgId, `${SELECT} AND state = 'active'`, []);
  }

  find(orgId: string, kmsRef: string): Promise<OwnKmsKey | null> {
    return this.#one(orgId, `${SELECT} AND kms_ref = $2`, [kmsRef]);
  }

  async #one(orgId: string, sql: string, values: unknown[]): Promise<OwnKmsKey | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const [row] = (await tx.query<Row>(sql, [toUuid(orgId), ...values])).rows;
      return row ? { orgId, keyArn: row.key_arn, roleArn: row.role_arn, externalId: row.external_id } : null;
    });
  }
}
