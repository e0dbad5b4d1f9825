import { IsString, Length } from 'class-validator';
import { PlanLimitsDto } from '../plan-limits/index.js';

export class PlatformPlanDto {
  /** The plan's slug. */
  plan!: string;
  limits!: PlanLimitsDto;
}

export class PlatformPlanListDto {
  data!: PlatformPlanDto[];
}

export class SetOrgPlanDto {
  /** The slug of one of the installation's plans. */
  @IsString()
  @Length(1, 64)
  plan!: string;
}

export class OrgPlanDto {
  orgId!: string;
  plan!: string;
  limits!: PlanLimitsDto;
}
