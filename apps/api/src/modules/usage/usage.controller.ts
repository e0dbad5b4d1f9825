import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { UsageDto, UsageQuery } from './usage.dto.js';
import { UsageService } from './usage.service.js';

@Controller()
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  /** Calls, tokens and cost per day or minute, by key, workspace, workflow, user, token or model. */
  @Get('usage')
  @RequiresPermission('usage:GetUsage')
  get(@CurrentPrincipal() principal: Principal, @Query() query: UsageQuery): Promise<UsageDto> {
    return this.usage.get(principal, query);
  }

  /** The same as a CSV file. */
  @Get('usage.csv')
  @RequiresPermission('usage:GetUsage')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @Header('Content-Disposition', 'attachment; filename="usage.csv"')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  csv(@CurrentPrincipal() principal: Principal, @Query() query: UsageQuery): Promise<string> {
    return this.usage.csv(principal, query);
  }
}
