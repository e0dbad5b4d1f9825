import { Module } from '@nestjs/common';
import { PlatformController } from './platform.controller.js';
import { PlatformRepository } from './platform.repository.js';
import { PlatformService } from './platform.service.js';
import { PlansController } from './plans.controller.js';
import { PlansRepository } from './plans.repository.js';
import { PlansService } from './plans.service.js';
import { ProviderLimitsController } from './provider-limits.controller.js';
import { ProviderLimitsRepository } from './provider-limits.repository.js';
import { ProviderLimitsService } from './provider-limits.service.js';

@Module({
  controllers: [PlatformController, PlansController, ProviderLimitsController],
  providers: [
    PlatformService,
    PlatformRepository,
    PlansService,
    PlansRepository,
    ProviderLimitsService,
    ProviderLimitsRepository,
  ],
})
export class PlatformModule {}
