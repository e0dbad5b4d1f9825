import { Injectable } from '@nestjs/common';
import { ownKmsRef } from '#lib/contracts';
import { fromUuid, newUuid, toUuid } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { lockOrg } from '../../common/lock-org.js';
import type { OwnKmsRecord, OwnKmsState } from './own-kms.js';

interface Named {
  keyArn: string;
  roleArn: string;
}

@Injectable()
export class OwnKmsRepository {
  async externalId(tx: TenantTx, orgId: string): Promise<string> {
    const where = { orgId: toUuid(orgId) };
    const org = await tx.org.findUniqueOrThrow({ where, select: { kmsExternalId: true } });
    return org.kmsExternalId;
  }

  /** Holds off every other change of this setting until the transaction ends. */
  async lock(tx: TenantTx, orgId: string): Promise<void> {
    await lockOrg(tx, orgId);
  }

  /** All that the organization named, the newest first. */
  async list(tx: TenantTx, orgId: string): Promise<OwnKmsRecord[]> {
    const rows = await tx.orgKmsKey.findMany({ where: { orgId: toUuid(orgId) }, orderBy: { id: 'desc' } });
    return rows.map(({ orgId: org, state, ...row }) => ({
      ...row,
      orgId: fromUuid('org', org),
      state: stateOf(state),
    }));
  }

  /** Notes a key that is about to be tried; one that is known already stays as it is. */
  async note(tx: TenantTx, orgId: string, named: Named, createdBy: string): Promise<void> {
    const externalId = await this.externalId(tx, orgId);
    const row = { ...named, externalId, kmsRef: ownKmsRef(named), state: 'pending' };
    await tx.orgKmsKey.createMany({
      data: [{ ...row, orgId: toUuid(orgId), id: newUuid(), createdBy: toUuid(createdBy) }],
      skipDuplicates: true,
    });
  }

  /** Takes back a key that could not be used and never was. */
  async forget(tx: TenantTx, orgId: string, kmsRef: string): Promise<void> {
    await tx.orgKmsKey.deleteMany({ where: { orgId: toUuid(orgId), kmsRef, state: 'pending' } });
  }

  /** Ends the use of whatever wraps new secrets now. Answers whether something did. */
  async retire(tx: TenantTx, orgId: string, but?: string): Promise<boolean> {
    const where = {
      orgId: toUuid(orgId),
      state: 'active',
      ...(but !== undefined && { kmsRef: { not: but } }),
    };
    return (await tx.orgKmsKey.updateMany({ where, data: { state: 'retired' } })).count > 0;
  }

  /** False: the key is not there any more. */
  async activate(tx: TenantTx, orgId: string, kmsRef: string, checkedAt: Date): Promise<boolean> {
    const where = { orgId: toUuid(orgId), kmsRef };
    return (await tx.orgKmsKey.updateMany({ where, data: { state: 'active', checkedAt } })).count > 0;
  }

  /** How many versions that are not erased each master key holds, by `kms_ref`. */
  async versionsByRef(tx: TenantTx, orgId: string): Promise<Map<string, number>> {
    const rows = await tx.secretVersion.groupBy({
      by: ['kmsRef'],
      where: { orgId: toUuid(orgId), state: { not: 'shredded' } },
      _count: { kmsRef: true },
    });
    return new Map(rows.map((row) => [row.kmsRef, row._count.kmsRef]));
  }
}

function stateOf(text: string): OwnKmsState {
  return text === 'active' || text === 'retired' ? text : 'pending';
}
