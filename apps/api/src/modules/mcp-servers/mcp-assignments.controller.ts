import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { RestoredGate } from '../../restored/restored-gate.js';
import { WhileRestored } from '../../restored/while-restored.js';
import { McpAssignmentsService } from './mcp-assignments.service.js';
import { AssignedMcpServersDto, ReplaceMcpAssignmentsDto } from './mcp-servers.dto.js';

@Controller('workspaces/:id/mcp-servers')
export class McpAssignmentsController {
  constructor(
    private readonly assignments: McpAssignmentsService,
    private readonly restored: RestoredGate,
  ) {}

  /** Lists the MCP servers that the workspace was handed. */
  @Get()
  @RequiresPermission('workspaces:ListMcpServers')
  list(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AssignedMcpServersDto> {
    return withETag(reply, this.assignments.list(principal, id));
  }

  /** Replaces all MCP servers of the workspace. */
  @Put()
  // Whether it only takes away is for who knows what is there.
  @WhileRestored()
  @Conditional()
  @RequiresPermission('mcpServers:AssignMcpServer')
  replace(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: ReplaceMcpAssignmentsDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<AssignedMcpServersDto> {
    const how = { ifMatch, onlyFewer: this.restored.closed };
    return withETag(reply, this.assignments.replace(principal, id, body.assignments, how));
  }
}
