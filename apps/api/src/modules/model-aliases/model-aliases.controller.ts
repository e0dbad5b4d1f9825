import { Body, Controller, Get, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { ModelAliasListDto, ReplaceModelAliasesDto } from './model-aliases.dto.js';
import { ModelAliasesService } from './model-aliases.service.js';

@Controller('model-aliases')
export class ModelAliasesController {
  constructor(private readonly aliases: ModelAliasesService) {}

  /** The organization's names for models; what each stands for in a workspace is in the workspace's `models`. */
  @Get()
  @ListsRows()
  @RequiresPermission('modelAliases:ListModelAliases')
  list(
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModelAliasListDto> {
    return withETag(reply, this.aliases.list(principal));
  }

  /** Replaces all of them. A name stands for the first model of its list that passes every gate: it opens nothing. */
  @Put()
  @Conditional()
  @RequiresPermission('modelAliases:ReplaceModelAliases')
  replace(
    @CurrentPrincipal() principal: Principal,
    @Body() body: ReplaceModelAliasesDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<ModelAliasListDto> {
    return withETag(reply, this.aliases.replace(principal, body.aliases, ifMatch));
  }
}
