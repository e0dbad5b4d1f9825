import { Body, Controller, Get, Put } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { WhileRestored } from '../../restored/while-restored.js';
import { OrgKillSwitchDto, SetOrgKillSwitchDto } from './org-kill-switch.dto.js';
import { OrgKillSwitchService } from './org-kill-switch.service.js';

@Controller('orgs/current/kill-switch')
export class OrgKillSwitchController {
  constructor(private readonly killSwitch: OrgKillSwitchService) {}

  /** Whether all calls of the organization are stopped, by whom and why: for everybody in it. */
  @Get()
  @RequiresPermission('orgs:GetKillSwitch')
  get(@CurrentPrincipal() { orgId }: Principal): Promise<OrgKillSwitchDto> {
    return this.killSwitch.get(orgId);
  }

  /** Stops all calls of the organization, open streams included, or lifts the OWNERs' own stop. */
  @Put()
  @WhileRestored((body) => body['enabled'] === true)
  @RequiresPermission('orgs:SetKillSwitch')
  set(
    @CurrentPrincipal() principal: Principal,
    @Body() input: SetOrgKillSwitchDto,
  ): Promise<OrgKillSwitchDto> {
    return this.killSwitch.setAsOwner(principal, input);
  }
}
