import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { PlanLimitsModule } from '../plan-limits/index.js';
import { UsageController } from './usage.controller.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';

@Module({
  imports: [CatalogModule, PlanLimitsModule],
  controllers: [UsageController],
  providers: [UsageService, UsageRepository],
})
export class UsageModule {}
