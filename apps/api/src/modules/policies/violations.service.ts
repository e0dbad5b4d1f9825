import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { notFound } from '#lib/contracts';
import { toPage } from '#lib/http';
import { isId } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { pageWindow } from '../../common/paging.js';
import { assertPolicyId } from './policies.service.js';
import type { ListViolationsQuery, PolicyViolationPageDto } from './policy-records.dto.js';
import { ViolationsRepository } from './violations.repository.js';

/** What broke policies (PRODUCT #47). */
@Injectable()
export class ViolationsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: ViolationsRepository,
  ) {}

  /** Newest first. Throws not_found for a filter by an id that is neither a row nor in a violation of the organization. */
  async list({ orgId }: Principal, query: ListViolationsQuery): Promise<PolicyViolationPageDto> {
    const { policyId, workspaceId, severity, action, from, to } = query;
    if (policyId !== undefined) assertPolicyId(policyId);
    if (workspaceId !== undefined && !isId('ws', workspaceId)) throw notFound();
    const window = pageWindow('vio', query);
    const filter = {
      ...{ policyId, workspaceId, severity, action },
      ...(from !== undefined && { from: new Date(from) }),
      ...(to !== undefined && { to: new Date(to) }),
    };
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.knows(tx, orgId, filter))) throw notFound();
      const rows = await this.repository.list(tx, orgId, filter, window);
      return toPage(
        rows,
        query.limit,
        ({ id }) => id,
        (row) => row,
      );
    });
  }
}
