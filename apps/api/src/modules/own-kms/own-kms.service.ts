import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { ApiConfig } from '#lib/config';
import { isOwnKmsRef, ownKmsRef } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import { API_CONFIG } from '../../common/settings.js';
import { CLOCK } from '../../common/tokens.js';
import { accountOf, type OwnKmsRecord } from './own-kms.js';
import { OwnKmsCheck } from './own-kms-check.js';
import type { OwnKmsDto, OwnKmsKeyDto, SetOwnKmsDto } from './own-kms.dto.js';
import { changedMeanwhile, notOffered, otherAccount } from './own-kms.errors.js';
import { OwnKmsRepository } from './own-kms.repository.js';

/** Which KMS key an organization's secrets are wrapped under (CUSTODY §2): the platform's, or one of its own. */
@Injectable()
export class OwnKmsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: OwnKmsRepository,
    private readonly check: OwnKmsCheck,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async get({ orgId }: Principal): Promise<OwnKmsDto> {
    return this.db.withOrg(orgId, (tx) => this.show(tx, orgId));
  }

  /**
   * Takes a key into use after api and engine have used it; on any failure the setting stays what it was. What is stored
   * stays under the key that it was wrapped under.
   * Throws validation_failed, kms_unavailable, engine_unavailable, conflict.
   */
  async set(principal: Principal, { keyId: keyArn, roleArn }: SetOwnKmsDto): Promise<OwnKmsDto> {
    const { orgId, userId } = principal;
    if (!this.config.orgKms) throw notOffered();
    if (accountOf(keyArn) !== accountOf(roleArn)) throw otherAccount();
    const kmsRef = ownKmsRef({ keyArn, roleArn });
    await this.db.withOrg(orgId, (tx) => this.repository.note(tx, orgId, { keyArn, roleArn }, userId));
    try {
      await this.check.assertUsable(principal, kmsRef);
    } catch (error) {
      await this.db.withOrg(orgId, (tx) => this.repository.forget(tx, orgId, kmsRef));
      throw error;
    }
    return this.db.withOrg(orgId, async (tx) => {
      await this.repository.lock(tx, orgId);
      await this.repository.retire(tx, orgId, kmsRef);
      if (!(await this.repository.activate(tx, orgId, kmsRef, this.clock.now()))) throw changedMeanwhile();
      await this.record(tx, principal, { keyId: keyArn, roleArn });
      return this.show(tx, orgId);
    });
  }

  /** Goes back to the platform's key for what is sealed from now on. */
  async unset(principal: Principal): Promise<void> {
    await this.db.withOrg(principal.orgId, async (tx) => {
      await this.repository.lock(tx, principal.orgId);
      if (await this.repository.retire(tx, principal.orgId))
        await this.record(tx, principal, { keyId: null, roleArn: null });
    });
  }

  private async show(tx: TenantTx, orgId: string): Promise<OwnKmsDto> {
    const records = await this.repository.list(tx, orgId);
    const versions = await this.repository.versionsByRef(tx, orgId);
    const keys = (state: OwnKmsRecord['state']) =>
      records.filter((record) => record.state === state).map((record) => keyOf(record, versions));
    const platform = [...versions].filter(([ref]) => !isOwnKmsRef(ref));
    return {
      available: this.config.orgKms !== null,
      externalId: await this.repository.externalId(tx, orgId),
      orgId,
      deployment: this.config.deployment,
      principals: this.config.orgKms?.principals ?? null,
      key: keys('active')[0] ?? null,
      former: keys('retired').filter((key) => key.versions > 0),
      platformVersions: platform.reduce((sum, [, count]) => sum + count, 0),
    };
  }

  private async record(tx: TenantTx, principal: Principal, change: Record<string, unknown>): Promise<void> {
    const { orgId } = principal;
    await recordChange(tx, principal, {
      action: 'orgs:UpdateOrgKms',
      target: orgId,
      change,
      topic: 'org.kms-changed',
      ids: { orgId },
    });
  }
}

function keyOf(record: OwnKmsRecord, versions: ReadonlyMap<string, number>): OwnKmsKeyDto {
  return {
    keyId: record.keyArn,
    roleArn: record.roleArn,
    checkedAt: record.checkedAt?.toISOString() ?? null,
    versions: versions.get(record.kmsRef) ?? 0,
  };
}
