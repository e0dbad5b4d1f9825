import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequiresPermission } from '#lib/access';
import { ClavigerError } from '#lib/contracts';
import { problemFor } from '#lib/http';
import { Call, type CurrentCall } from '../access/call-context.js';
import { WorkspaceGuard } from '../access/workspace.guard.js';
import { RunReplies } from '../agent-runs/run-replies.js';
import { CompareDto, CompareResponse, type ComparedResponse } from './compare.dto.js';
import { CompareService } from './compare.service.js';
import { oneBill } from './one-bill.js';
import { toStartRuns } from './to-start-runs.js';

@ApiTags('compare')
@ApiParam({ name: 'workspaceId', type: String })
@UseGuards(WorkspaceGuard)
@Controller('workspaces/:workspaceId/compare')
export class CompareController {
  constructor(
    private readonly comparisons: CompareService,
    private readonly replies: RunReplies,
  ) {}

  @Post()
  @HttpCode(200)
  @RequiresPermission('agentRuns:CreateAgentRun')
  @ApiOperation({
    summary: 'Runs an agent on two to eight models at once: each answer, or its problem, and one bill',
  })
  @ApiOkResponse({ type: CompareResponse })
  async run(
    @Call() call: CurrentCall,
    @Body() body: CompareDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const starts = toStartRuns(call, body, request);
    const answers = await this.comparisons.compare(starts, (started) =>
      this.replies.answer(call.caller, started, reply),
    );
    const results = answers.map((answer, index): ComparedResponse => {
      const model = body.models[index] ?? '';
      if (!(answer instanceof ClavigerError)) return { model, run: answer, error: answer.error ?? null };
      const instance = starts[index]?.call.instance ?? '/';
      return { model, run: null, error: problemFor(answer, request.id, instance).body };
    });
    await reply.status(200).send({ results, usage: oneBill(results.map(({ run }) => run)) });
  }
}
