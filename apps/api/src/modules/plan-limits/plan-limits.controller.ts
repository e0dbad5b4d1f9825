import { Controller, Get } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { PlanDto } from './plan-limits.dto.js';
import { PlanLimitsService } from './plan-limits.service.js';

@Controller('plan')
export class PlanLimitsController {
  constructor(private readonly planLimits: PlanLimitsService) {}

  /** The organization's plan: its limits and how much of each is in use. */
  @Get()
  @RequiresPermission('plan:GetPlan')
  get(@CurrentPrincipal() principal: Principal): Promise<PlanDto> {
    return this.planLimits.describe(principal.orgId);
  }
}
