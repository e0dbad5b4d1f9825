import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { assertIfMatch, etagFor } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
import type { Tagged } from '../../common/tagged.js';
import { CLOCK } from '../../common/tokens.js';
import type { Org } from './org.js';
import type { OrgDto } from './orgs.dto.js';
import { assertOwnOrg } from './orgs.errors.js';
import { OrgsRepository } from './orgs.repository.js';

@Injectable()
export class OrgsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: OrgsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async get(principal: Principal, id: string): Promise<Tagged<OrgDto>> {
    assertOwnOrg(principal.orgId, id);
    return tagged(await this.db.withOrg(principal.orgId, (tx) => this.repository.get(tx, id)));
  }

  /** Throws not_found and precondition_failed. */
  async rename(
    principal: Principal,
    id: string,
    name: string | undefined,
    ifMatch: string | undefined,
  ): Promise<Tagged<OrgDto>> {
    assertOwnOrg(principal.orgId, id);
    return this.db.withOrg(principal.orgId, async (tx) => {
      await this.repository.lock(tx, id);
      const before = await this.repository.get(tx, id);
      assertIfMatch(ifMatch, tagged(before).etag);
      if (name === undefined || name === before.name) return tagged(before);
      const after = await this.repository.rename(tx, id, name, this.clock.now());
      await recordChange(tx, principal, {
        action: 'orgs:UpdateOrg',
        target: id,
        change: { name: { before: before.name, after: after.name } },
        topic: 'org.updated',
        ids: { orgId: id },
      });
      return tagged(after);
    });
  }
}

function tagged(org: Org): Tagged<OrgDto> {
  const body = dtoOf(org);
  return { body, etag: etagFor(org.id, body) };
}

function dtoOf({ createdAt, updatedAt, ...org }: Org): OrgDto {
  return { ...org, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
