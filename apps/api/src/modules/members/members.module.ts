import { Module } from '@nestjs/common';
import { PlanLimitsModule, PlanLimitsService } from '../plan-limits/index.js';
import { MEMBER_LIMIT } from './member-limit.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';

@Module({
  imports: [PlanLimitsModule],
  controllers: [MembersController],
  providers: [MembersService, MembersRepository, { provide: MEMBER_LIMIT, useExisting: PlanLimitsService }],
})
export class MembersModule {}
