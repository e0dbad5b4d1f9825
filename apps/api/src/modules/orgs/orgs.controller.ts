import { Body, Controller, Get, Param, Patch, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { OrgDto, UpdateOrgDto } from './orgs.dto.js';
import { OrgsService } from './orgs.service.js';

@Controller('orgs')
export class OrgsController {
  constructor(private readonly orgs: OrgsService) {}

  @Get(':id')
  @RequiresPermission('orgs:GetOrg')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrgDto> {
    return withETag(reply, this.orgs.get(principal, id));
  }

  /** Renames the organization; its slug stays. */
  @Patch(':id')
  @Conditional()
  @RequiresPermission('orgs:UpdateOrg')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: UpdateOrgDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<OrgDto> {
    return withETag(reply, this.orgs.rename(principal, id, input.name, ifMatch));
  }
}
