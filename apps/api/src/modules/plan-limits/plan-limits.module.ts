import { Module } from '@nestjs/common';
import { PlanLimitsController } from './plan-limits.controller.js';
import { PlanLimitsRepository } from './plan-limits.repository.js';
import { PlanLimitsService } from './plan-limits.service.js';

@Module({
  controllers: [PlanLimitsController],
  providers: [PlanLimitsService, PlanLimitsRepository],
  exports: [PlanLimitsService],
})
export class PlanLimitsModule {}
