import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { RestoredGate } from '../../restored/restored-gate.js';
import { WhileRestored } from '../../restored/while-restored.js';
import {
  AssignedKeyPageDto,
  ListAssignedKeysQuery,
  ModelListDto,
  ReplaceAssignmentsDto,
  ReplaceAssignmentsQuery,
  ReplacedAssignmentsDto,
  ResolutionDto,
} from './assignments.dto.js';
import { AssignmentsService } from './assignments.service.js';
import { ResolveDto } from './resolve.dto.js';
import { ResolutionService } from './resolution.service.js';

@Controller('workspaces/:id')
export class AssignmentsController {
  constructor(
    private readonly assignments: AssignmentsService,
    private readonly resolution: ResolutionService,
    private readonly restored: RestoredGate,
  ) {}

  /** Lists the keys that the workspace was handed. */
  @Get('ai-providers')
  @RequiresPermission('aiProviders:ListAiProviders')
  list(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: ListAssignedKeysQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AssignedKeyPageDto> {
    return withETag(reply, this.assignments.list(principal, id, query));
  }

  /** Replaces all keys of the workspace; with `preview=true` it only says which models would come and go. */
  @Put('ai-providers')
  // Whether it only takes away is for who knows what is there.
  @WhileRestored()
  @Conditional()
  @RequiresPermission('aiProviders:AssignAiProvider')
  replace(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: ReplaceAssignmentsQuery,
    @Body() body: ReplaceAssignmentsDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<ReplacedAssignmentsDto> {
    const how = { preview: query.preview === 'true', ifMatch, onlyFewer: this.restored.closed };
    return withETag(reply, this.assignments.replace(principal, id, body.assignments, how));
  }

  /** The models that the workspace may use, and of the others why not. */
  @Get('models')
  @RequiresPermission('workspaces:ListModels')
  models(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<ModelListDto> {
    return this.resolution.models(principal, id);
  }

  /** Why this key? Says what a call would use, gate by gate, without making it and without decrypting anything. */
  @Post('resolve')
  @WhileRestored()
  @HttpCode(200)
  @RequiresPermission('workspaces:ResolveModel')
  resolve(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: ResolveDto,
  ): Promise<ResolutionDto> {
    return this.resolution.resolve(principal, id, body);
  }
}
