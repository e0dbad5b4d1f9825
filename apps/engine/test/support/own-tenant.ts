import { ownKmsRef } from '#lib/contracts';
import { newUuid, toUuid } from '#lib/kernel';
import type { FakeKms, FakeSts } from '#lib/testing';
import type { Stage } from './stage.js';
import type { Tenant } from './tenants.js';

export interface OwnTenant extends Tenant {
  keyArn: string;
  kmsRef: string;
}

let accounts = 222_200_000_000;

/** An organization whose secrets are wrapped under a KMS key of its own. */
export async function ownTenant(stage: Stage, kms: FakeKms, sts: FakeSts): Promise<OwnTenant> {
  const tenant = await stage.tenants.create();
  const roleArn = `arn:aws:iam::${(accounts += 1)}:role/claviger-key`;
  const keyArn = kms.createKeyOf(roleArn);
  const kmsRef = ownKmsRef({ keyArn, roleArn });
  const sql = 'SELECT kms_external_id AS id FROM orgs WHERE org_id = $1';
  const { id } = (await stage.db.query<{ id: string }>(sql, [toUuid(tenant.orgId)])).rows[0]!;
  sts.addRole({ arn: roleArn, externalId: id });
  await stage.db.query(
    `INSERT INTO org_kms_keys (org_id, id, kms_ref, key_arn, role_arn, external_id, state)
     VALUES ($1, $2, $3, $4, $5, $6, 'active')`,
    [toUuid(tenant.orgId), newUuid(), kmsRef, keyArn, roleArn, id],
  );
  return { ...tenant, keyArn, kmsRef };
}
