import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { executionsCounter, howToRaise, limitsOf, type CountedResource } from './plan-limit.js';
import type { PlanDto } from './plan-limits.dto.js';
import { planLimitReached } from './plan-limits.errors.js';
import { PlanLimitsRepository } from './plan-limits.repository.js';

@Injectable()
export class PlanLimitsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PlanLimitsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async describe(orgId: string): Promise<PlanDto> {
    return this.db.withOrg(orgId, async (tx) => {
      const plan = await this.repository.plan(tx, orgId);
      const used = await this.repository.used(tx, orgId);
      return {
        plan: plan.slug,
        limits: limitsOf(plan.limits),
        used: {
          keys: used.get('keys') ?? 0,
          workspaces: used.get('workspaces') ?? 0,
          members: used.get('members') ?? 0,
          executionsPerMonth: used.get(executionsCounter(this.clock.now())) ?? 0,
        },
        howToRaise: howToRaise(plan.slug, orgId),
      };
    });
  }

  /**
   * Takes one unit of a counted limit, in the transaction that inserts what is counted; rolling that back gives it back.
   * Call it before the insert: the counter's row then orders everybody who waits. Throws plan_limit_reached.
   */
  async claim(tx: TenantTx, orgId: string, resource: CountedResource): Promise<void> {
    const plan = await this.repository.plan(tx, orgId);
    const max = limitsOf(plan.limits)[resource];
    if (await this.repository.take(tx, orgId, resource, max)) return;
    const used = (await this.repository.used(tx, orgId)).get(resource) ?? 0;
    throw planLimitReached(orgId, plan.slug, resource, used, max ?? used);
  }

  /** Gives one unit back, in the transaction that deletes what is counted and that has seen it exist (locked its row). */
  async release(tx: TenantTx, orgId: string, resource: CountedResource): Promise<void> {
    await this.repository.giveBack(tx, orgId, resource);
  }
}
