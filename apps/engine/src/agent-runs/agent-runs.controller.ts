import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequiresPermission } from '#lib/access';
import { RUN_EVENTS, type AgentRunAnswer } from '#lib/contracts';
import type { Page } from '#lib/http';
import { Call, type CurrentCall } from '../access/call-context.js';
import { WorkspaceGuard } from '../access/workspace.guard.js';
import { CreateAgentRunDto, GetRunQuery, ListAgentRunsQuery } from './agent-runs.dto.js';
import { AgentRunsService } from './agent-runs.service.js';
import { AssistantMessageDto, ToolMessageDto, UserMessageDto } from './message.dto.js';
import { lastEventId, toStartRun } from './read-request.js';
import { AgentRunResponse, AgentRunPageResponse, FetchedRunResponse } from './response.dto.js';
import { RunCancellation } from './run-cancellation.js';
import { RunReplies } from './run-replies.js';
import type { FetchedRun, ListedRun } from './run-row.js';
import { STOP_SCHEMAS } from './steps.dto.js';
import { ClientToolDto, HttpToolDto, McpToolDto } from './tool.dto.js';

const EVENTS = {
  'text/event-stream': { schema: { type: 'string', description: `Events: ${RUN_EVENTS.join(', ')}.` } },
};
const ANSWER_OR_EVENTS = {
  'application/json': { schema: { $ref: getSchemaPath(AgentRunResponse) } },
  ...EVENTS,
};

@ApiTags('agent-runs')
@ApiParam({ name: 'workspaceId', type: String })
@ApiExtraModels(AgentRunResponse, HttpToolDto, McpToolDto, ClientToolDto)
@ApiExtraModels(UserMessageDto, AssistantMessageDto, ToolMessageDto, ...STOP_SCHEMAS)
@UseGuards(WorkspaceGuard)
@Controller('workspaces/:workspaceId/agent-runs')
export class AgentRunsController {
  constructor(
    private readonly runs: AgentRunsService,
    private readonly replies: RunReplies,
    private readonly cancellation: RunCancellation,
  ) {}

  @Post()
  @HttpCode(200)
  @RequiresPermission('agentRuns:CreateAgentRun')
  @ApiOperation({
    summary:
      'Runs an agent node: the answer, its event stream (Accept: text/event-stream), or 202 (Prefer: respond-async)',
  })
  @ApiHeader({ name: 'Prefer', required: false, schema: { type: 'string', enum: ['respond-async'] } })
  @ApiOkResponse({ content: ANSWER_OR_EVENTS })
  @ApiAcceptedResponse({ type: AgentRunResponse })
  async create(
    @Call() call: CurrentCall,
    @Body() body: CreateAgentRunDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const start = toStartRun(call, body, request);
    const started = await this.runs.start(start);
    await this.replies[start.mode](call.caller, started, reply);
  }

  @Get(':id')
  @RequiresPermission('agentRuns:GetAgentRun')
  @ApiOperation({ summary: 'A run as it is, or after waiting up to `wait` seconds for its end' })
  @ApiOkResponse({ type: FetchedRunResponse })
  get(
    @Call() { caller }: CurrentCall,
    @Param('id') id: string,
    @Query() query: GetRunQuery,
  ): Promise<FetchedRun> {
    return this.runs.get(caller, id, {
      waitSeconds: query.wait ?? 0,
      withRequest: query.include === 'request',
    });
  }

  @Get(':id/events')
  @RequiresPermission('agentRuns:GetAgentRun')
  @ApiOperation({ summary: 'What a run says, from its first event or after the one named by Last-Event-ID' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string' } })
  @ApiOkResponse({ content: EVENTS })
  async events(
    @Call() { caller }: CurrentCall,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.replies.follow(caller, id, lastEventId(request.headers), reply);
  }

  @Get()
  @RequiresPermission('agentRuns:ListAgentRuns')
  @ApiOperation({ summary: 'The workspace’s runs, newest first' })
  @ApiOkResponse({ type: AgentRunPageResponse })
  list(@Call() { caller }: CurrentCall, @Query() query: ListAgentRunsQuery): Promise<Page<ListedRun>> {
    return this.runs.list(caller, query);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequiresPermission('agentRuns:CancelAgentRun')
  @ApiOperation({
    summary: 'Stops a run that waits or is under way, in whichever process; one that is over stays as it is',
  })
  @ApiOkResponse({ type: AgentRunResponse })
  cancel(
    @Call() { caller }: CurrentCall,
    @Param('id') id: string,
    @Req() { id: requestId, ip }: FastifyRequest,
  ): Promise<AgentRunAnswer> {
    return this.cancellation.cancel(caller, id, { requestId, ip });
  }
}
