import { Inject, Injectable } from '@nestjs/common';
import { notFound, planLimitsOf } from '#lib/contracts';
import { requestContext } from '#lib/http';
import { isId, type Clock } from '#lib/kernel';
import { appendAudit, appendOutbox, TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import type { OrgPlanDto, PlatformPlanListDto } from './plans.dto.js';
import { unknownPlan } from './plans.errors.js';
import { PlansRepository } from './plans.repository.js';

/** Who has which plan is the operator's to say, in the transaction of the organization that it concerns. */
@Injectable()
export class PlansService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PlansRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<PlatformPlanListDto> {
    const rows = await this.repository.list();
    return { data: rows.map(({ slug, limits }) => ({ plan: slug, limits: planLimitsOf(limits) })) };
  }

  /**
   * Moves an organization to another plan; its new limits hold from the next request on. Nothing is deleted: what it has beyond them is read-only until there is room.
   * The same plan again changes nothing. Throws not_found for an unknown organization, validation_failed for an unknown plan.
   */
  async setOrgPlan(orgId: string, plan: string): Promise<OrgPlanDto> {
    if (!isId('org', orgId)) throw notFound();
    const plans = await this.repository.list();
    await this.db.withOrg(orgId, async (tx) => {
      const before = await this.repository.lockOrgPlan(tx, orgId);
      if (before === null) throw notFound();
      if (!plans.some(({ slug }) => slug === plan))
        throw unknownPlan(
          plan,
          plans.map(({ slug }) => slug),
        );
      if (before === plan) return;
      await this.repository.setOrgPlan(tx, orgId, plan, this.clock.now());
      await appendOutbox(tx, { orgId, topic: 'org.updated', ids: { orgId } });
      await appendAudit(tx, {
        orgId,
        actor: 'operator',
        action: 'platform:SetOrgPlan',
        target: orgId,
        requestId: requestContext.requestId,
        ip: requestContext.ip,
        change: { plan: [before, plan] },
      });
    });
    return { orgId, plan, limits: planLimitsOf(plans.find(({ slug }) => slug === plan)?.limits) };
  }
}
