import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { PageQuery } from '#lib/http';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import { ApproveMemberDto, MemberDto, MemberPageDto, UpdateMemberDto } from './members.dto.js';
import { MembersService } from './members.service.js';

@Controller('members')
export class MembersController {
  constructor(private readonly members: MembersService) {}

  /** Members of the organization, pending ones included. */
  @Get()
  @ListsRows()
  @RequiresPermission('members:ListMembers')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<MemberPageDto> {
    return this.members.list(principal, query);
  }

  /** Lets in somebody who accepted an invite. */
  @Post(':id/approve')
  @Conditional()
  @RequiresPermission('members:ApproveMember')
  @HttpCode(200)
  approve(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: ApproveMemberDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<MemberDto> {
    return withETag(reply, this.members.approve(principal, id, input.role, ifMatch));
  }

  /** Changes a member's role; their tokens lose what the new role may not. */
  @Patch(':id')
  @WhileRestored(only('role', 'MEMBER'))
  @Conditional()
  @RequiresPermission('members:UpdateMember')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: UpdateMemberDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<MemberDto> {
    return withETag(reply, this.members.changeRole(principal, id, input.role, ifMatch));
  }

  /** Removes a member with their grants and tokens. */
  @Delete(':id')
  @WhileRestored()
  @Conditional()
  @RequiresPermission('members:RemoveMember')
  @HttpCode(204)
  remove(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.members.remove(principal, id, ifMatch);
  }
}
