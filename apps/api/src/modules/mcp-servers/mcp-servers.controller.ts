import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import {
  CreateMcpServerDto,
  DeleteMcpServerQuery,
  ListMcpServersQuery,
  McpServerDto,
  McpServerPageDto,
  UpdateMcpServerDto,
} from './mcp-servers.dto.js';
import { newServerFrom, serverPatchFrom } from './mcp-servers.input.js';
import { McpServersService } from './mcp-servers.service.js';

@Controller('mcp-servers')
export class McpServersController {
  constructor(private readonly servers: McpServersService) {}

  /** Lists the MCP servers of the organization, without their secrets. */
  @Get()
  @ListsRows()
  @RequiresPermission('mcpServers:ListMcpServers')
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListMcpServersQuery,
  ): Promise<McpServerPageDto> {
    return this.servers.list(principal, query);
  }

  /** Registers an MCP server. No workspace may use it until it is handed to one. */
  @Post()
  @RequiresPermission('mcpServers:CreateMcpServer')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateMcpServerDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<McpServerDto> {
    return withETag(reply, this.servers.create(principal, newServerFrom(body)));
  }

  @Get(':mcpServerId')
  @RequiresPermission('mcpServers:GetMcpServer')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('mcpServerId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<McpServerDto> {
    return withETag(reply, this.servers.get(principal, id));
  }

  /** Changes what is sent; an omitted field keeps its value. */
  @Patch(':mcpServerId')
  @WhileRestored(only('enabled', false))
  @Conditional()
  @RequiresPermission('mcpServers:UpdateMcpServer')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('mcpServerId') id: string,
    @Body() body: UpdateMcpServerDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<McpServerDto> {
    return withETag(reply, this.servers.update(principal, id, serverPatchFrom(body), ifMatch));
  }

  /** Deletes it and erases its secret. Refused while workspaces use it, unless forced. */
  @Delete(':mcpServerId')
  @WhileRestored()
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('mcpServers:DeleteMcpServer')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('mcpServerId') id: string,
    @Query() query: DeleteMcpServerQuery,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.servers.delete(principal, id, query.force === 'true', ifMatch);
  }
}
