import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { onlyNoes, WhileRestored } from '../../restored/while-restored.js';
import { WorkspaceGrantsService } from './workspace-grants.service.js';
import {
  CreateWorkspaceDto,
  GrantDto,
  ListWorkspaceMembersQuery,
  ListWorkspacesQuery,
  UpdateWorkspaceDto,
  WorkspaceDto,
  WorkspaceMemberDto,
  WorkspaceMemberPageDto,
  WorkspacePageDto,
} from './workspaces.dto.js';
import { WorkspacesService } from './workspaces.service.js';

@Controller('workspaces')
export class WorkspacesController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly grants: WorkspaceGrantsService,
  ) {}

  /** Lists the workspaces that the caller may see: a MEMBER those that they joined. */
  @Get()
  @ListsRows()
  @RequiresPermission('workspaces:ListWorkspaces')
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListWorkspacesQuery,
  ): Promise<WorkspacePageDto> {
    return this.workspaces.list(principal, query);
  }

  @Post()
  @RequiresPermission('workspaces:CreateWorkspace')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateWorkspaceDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceDto> {
    return withETag(reply, this.workspaces.create(principal, body));
  }

  @Get(':id')
  @RequiresPermission('workspaces:GetWorkspace')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceDto> {
    return withETag(reply, this.workspaces.get(principal, id));
  }

  /** Changes what is sent; an omitted field keeps its value. A MEMBER needs the grant to edit. */
  @Patch(':id')
  @Conditional()
  @RequiresPermission('workspaces:UpdateWorkspace')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: UpdateWorkspaceDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<WorkspaceDto> {
    return withETag(reply, this.workspaces.update(principal, id, body, ifMatch));
  }

  /** Deletes it with its assignments, grants and tokens; receipts stay. A MEMBER needs the grant to delete. */
  @Delete(':id')
  @WhileRestored()
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('workspaces:DeleteWorkspace')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.workspaces.delete(principal, id, ifMatch);
  }

  /** Lists who joined the workspace, and what each may do in it. */
  @Get(':id/members')
  @RequiresPermission('workspaces:ManageGrants')
  members(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: ListWorkspaceMembersQuery,
  ): Promise<WorkspaceMemberPageDto> {
    return this.grants.list(principal, id, query);
  }

  /** Lets a member join the workspace, or changes what they may do in it. */
  @Put(':id/members/:memberId')
  @WhileRestored(onlyNoes)
  @RequiresPermission('workspaces:ManageGrants')
  grant(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('memberId') memberId: string,
    @Body() body: GrantDto,
  ): Promise<WorkspaceMemberDto> {
    return this.grants.put(principal, id, memberId, body);
  }

  /** Takes a member out of the workspace. */
  @Delete(':id/members/:memberId')
  @WhileRestored()
  @HttpCode(204)
  @RequiresPermission('workspaces:ManageGrants')
  ungrant(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('memberId') memberId: string,
  ): Promise<void> {
    return this.grants.remove(principal, id, memberId);
  }
}
