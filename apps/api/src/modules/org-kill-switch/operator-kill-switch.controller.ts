import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { OperatorOnly } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { OrgKillSwitchDto, SetOrgKillSwitchDto } from './org-kill-switch.dto.js';
import { OrgKillSwitchService } from './org-kill-switch.service.js';

@Controller('platform/orgs/:orgId/kill-switch')
export class OperatorKillSwitchController {
  constructor(private readonly killSwitch: OrgKillSwitchService) {}

  @Get()
  @OperatorOnly()
  get(@Param('orgId') orgId: string): Promise<OrgKillSwitchDto> {
    return this.killSwitch.get(orgId);
  }

  /** Stops all calls of one organization, or lifts the operator's own stop. */
  @Put()
  @WhileRestored((body) => body['enabled'] === true)
  @OperatorOnly()
  set(@Param('orgId') orgId: string, @Body() input: SetOrgKillSwitchDto): Promise<OrgKillSwitchDto> {
    return this.killSwitch.setAsOperator(orgId, input);
  }
}
