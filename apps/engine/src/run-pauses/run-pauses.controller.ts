import { Body, Controller, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequiresPermission } from '#lib/access';
import { Call, type CurrentCall } from '../access/call-context.js';
import type { Caller } from '../access/caller.js';
import { WorkspaceGuard } from '../access/workspace.guard.js';
import { lastEventId, replyModeOf } from '../agent-runs/read-request.js';
import { AgentRunResponse } from '../agent-runs/response.dto.js';
import { RunReplies } from '../agent-runs/run-replies.js';
import type { StartedRun } from '../agent-runs/start-run.js';
import { ApprovalDto } from './approval.dto.js';
import { Approvals } from './approvals.service.js';
import { ToolOutputsDto } from './tool-outputs.dto.js';
import { ToolOutputs } from './tool-outputs.service.js';

@ApiTags('agent-runs')
@ApiParam({ name: 'workspaceId', type: String })
@UseGuards(WorkspaceGuard)
@Controller('workspaces/:workspaceId/agent-runs')
export class RunPausesController {
  constructor(
    private readonly outputs: ToolOutputs,
    private readonly approvals: Approvals,
    private readonly replies: RunReplies,
  ) {}

  @Post(':id/tool-outputs')
  @HttpCode(200)
  @RequiresPermission('agentRuns:CreateAgentRun')
  @ApiOperation({
    summary:
      'Brings a paused run the outputs of the caller’s tools: its answer, its events (Accept: text/event-stream), or 202 (Prefer: respond-async)',
  })
  @ApiOkResponse({ type: AgentRunResponse })
  @ApiAcceptedResponse({ type: AgentRunResponse })
  async bring(
    @Call() { caller }: CurrentCall,
    @Param('id') id: string,
    @Body() body: ToolOutputsDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#reply(caller, id, await this.outputs.bring(caller, id, body.outputs), request, reply);
  }

  @Post(':id/approvals/:approvalId')
  @HttpCode(200)
  @RequiresPermission('agentRuns:ApproveAgentRun')
  @ApiOperation({
    summary:
      'Approves or rejects a tool call that a paused run waits with: its answer, its events (Accept: text/event-stream), or 202 (Prefer: respond-async)',
  })
  @ApiOkResponse({ type: AgentRunResponse })
  @ApiAcceptedResponse({ type: AgentRunResponse })
  async approve(
    @Call() { caller, stateKey }: CurrentCall,
    @Param('id') id: string,
    @Param('approvalId') approvalId: string,
    @Body() said: ApprovalDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { id: requestId, ip } = request;
    const asked = { caller, stateKey, runId: id, approvalId, said, requestId, ip };
    await this.#reply(caller, id, await this.approvals.answer(asked), request, reply);
  }

  async #reply(
    caller: Caller,
    runId: string,
    started: StartedRun,
    { headers }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const mode = replyModeOf(headers);
    if (mode === 'stream') await this.replies.follow(caller, runId, lastEventId(headers), reply);
    else await this.replies[mode](caller, started, reply);
  }
}
