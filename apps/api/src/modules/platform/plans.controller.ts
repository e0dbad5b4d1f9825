import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { OperatorOnly } from '#lib/access';
import { OrgPlanDto, PlatformPlanListDto, SetOrgPlanDto } from './plans.dto.js';
import { PlansService } from './plans.service.js';

@Controller('platform')
export class PlansController {
  constructor(private readonly plans: PlansService) {}

  /** The plans of this installation and their limits. */
  @Get('plans')
  @OperatorOnly()
  list(): Promise<PlatformPlanListDto> {
    return this.plans.list();
  }

  /** Moves an organization to another plan. */
  @Put('orgs/:id/plan')
  @OperatorOnly()
  setOrgPlan(@Param('id') id: string, @Body() { plan }: SetOrgPlanDto): Promise<OrgPlanDto> {
    return this.plans.setOrgPlan(id, plan);
  }
}
