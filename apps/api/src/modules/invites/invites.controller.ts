import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { PageQuery } from '#lib/http';
import { only, WhileRestored } from '../../restored/while-restored.js';
import {
  CreatedInviteDto,
  CreateInviteDto,
  InviteDto,
  InvitePageDto,
  UpdateInviteDto,
} from './invites.dto.js';
import { InvitesService } from './invites.service.js';

@Controller('invites')
export class InvitesController {
  constructor(private readonly invites: InvitesService) {}

  @Get()
  @ListsRows()
  @RequiresPermission('invites:ListInvites')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<InvitePageDto> {
    return this.invites.list(principal, query);
  }

  /** Makes a link; it is shown in this answer only. */
  @Post()
  @RequiresPermission('invites:CreateInvite')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() input: CreateInviteDto,
  ): Promise<CreatedInviteDto> {
    return this.invites.create(principal, input);
  }

  /** Switches a link off or on. */
  @Patch(':id')
  @WhileRestored(only('enabled', false))
  @RequiresPermission('invites:UpdateInvite')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: UpdateInviteDto,
  ): Promise<InviteDto> {
    return this.invites.switch(principal, id, input.enabled);
  }

  @Delete(':id')
  @WhileRestored()
  @RequiresPermission('invites:DeleteInvite')
  @HttpCode(204)
  remove(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.invites.remove(principal, id);
  }
}
