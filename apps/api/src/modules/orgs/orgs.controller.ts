import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { OrgDto, UpdateOrgDto } from './orgs.dto.js';
import { OrgsService } from './orgs.service.js';

@Controller('orgs')
export class OrgsController {
  constructor(private readonly orgs: OrgsService) {}

  @Get(':id')
  @RequiresPermission('orgs:GetOrg')
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<OrgDto> {
    return this.orgs.get(principal, id);
  }

  /** Renames the organization; its slug stays. */
  @Patch(':id')
  @RequiresPermission('orgs:UpdateOrg')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: UpdateOrgDto,
  ): Promise<OrgDto> {
    return this.orgs.rename(principal, id, input.name);
  }
}
