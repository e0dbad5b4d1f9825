import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { CreateQuotaDto, ListQuotasQuery, QuotaDto, QuotaPageDto, UpdateQuotaDto } from './quotas.dto.js';
import { QuotasService } from './quotas.service.js';

@Controller('quotas')
export class QuotasController {
  constructor(private readonly quotas: QuotasService) {}

  /** Lists quotas and budgets, with what is used and reserved in the window that is now. A budget is a quota of micro-USD. */
  @Get()
  @ListsRows()
  @RequiresPermission('quotas:ListQuotas')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListQuotasQuery): Promise<QuotaPageDto> {
    return this.quotas.list(principal, query);
  }

  /** Makes a quota. It holds for every call that starts 2 s after the answer, and counts what the window's receipts say already. */
  @Post()
  @RequiresPermission('quotas:CreateQuota')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateQuotaDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotaDto> {
    return withETag(reply, this.quotas.create(principal, body));
  }

  @Get(':quotaId')
  @RequiresPermission('quotas:GetQuota')
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('quotaId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotaDto> {
    return withETag(reply, this.quotas.get(principal, id));
  }

  /** Changes what is sent; an omitted field keeps its value. A limit that is raised has its alerts armed again. */
  @Patch(':quotaId')
  @Conditional()
  @RequiresPermission('quotas:UpdateQuota')
  update(
    @CurrentPrincipal() principal: Principal,
    @Param('quotaId') id: string,
    @Body() body: UpdateQuotaDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<QuotaDto> {
    return withETag(reply, this.quotas.update(principal, id, body, ifMatch));
  }

  /** Deletes it with its counts; receipts stay. */
  @Delete(':quotaId')
  @Conditional()
  @HttpCode(204)
  @RequiresPermission('quotas:DeleteQuota')
  delete(
    @CurrentPrincipal() principal: Principal,
    @Param('quotaId') id: string,
    @IfMatch() ifMatch?: string,
  ): Promise<void> {
    return this.quotas.delete(principal, id, ifMatch);
  }
}
