import { Module } from '@nestjs/common';
import { OperatorKillSwitchController } from './operator-kill-switch.controller.js';
import { OrgKillSwitchController } from './org-kill-switch.controller.js';
import { OrgKillSwitchRepository } from './org-kill-switch.repository.js';
import { OrgKillSwitchService } from './org-kill-switch.service.js';

@Module({
  controllers: [OrgKillSwitchController, OperatorKillSwitchController],
  providers: [OrgKillSwitchService, OrgKillSwitchRepository],
})
export class OrgKillSwitchModule {}
