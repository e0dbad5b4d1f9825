import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { recordChange } from '../../common/record-change.js';
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

  async get(principal: Principal, id: string): Promise<OrgDto> {
    assertOwnOrg(principal.orgId, id);
    return dtoOf(await this.db.withOrg(principal.orgId, (tx) => this.repository.get(tx, id)));
  }

  async rename(principal: Principal, id: string, name: string | undefined): Promise<OrgDto> {
    assertOwnOrg(principal.orgId, id);
    return this.db.withOrg(principal.orgId, async (tx) => {
      const before = await this.repository.get(tx, id);
      if (name === undefined || name === before.name) return dtoOf(before);
      const after = await this.repository.rename(tx, id, name, this.clock.now());
      await recordChange(tx, principal, {
        action: 'orgs:UpdateOrg',
        target: id,
        change: { name: { before: before.name, after: after.name } },
        topic: 'org.updated',
        ids: { orgId: id },
      });
      return dtoOf(after);
    });
  }
}

function dtoOf({ createdAt, updatedAt, ...org }: Org): OrgDto {
  return { ...org, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
