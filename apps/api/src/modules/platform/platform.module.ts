import { Module } from '@nestjs/common';
import { PlatformController } from './platform.controller.js';
import { PlatformRepository } from './platform.repository.js';
import { PlatformService } from './platform.service.js';
import { PlansController } from './plans.controller.js';
import { PlansRepository } from './plans.repository.js';
import { PlansService } from './plans.service.js';

@Module({
  controllers: [PlatformController, PlansController],
  providers: [PlatformService, PlatformRepository, PlansService, PlansRepository],
})
export class PlatformModule {}
