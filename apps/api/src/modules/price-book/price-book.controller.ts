import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import {
  CreatePriceOverrideDto,
  ListPriceOverridesQuery,
  PriceOverrideDto,
  PriceOverridePageDto,
} from './price-book.dto.js';
import { PriceBookService } from './price-book.service.js';

@Controller('price-overrides')
export class PriceBookController {
  constructor(private readonly prices: PriceBookService) {}

  /** The organization's own prices, those of the past and of the future included. */
  @Get()
  @ListsRows()
  @RequiresPermission('aiProviders:GetAiProviderPrices')
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListPriceOverridesQuery,
  ): Promise<PriceOverridePageDto> {
    return this.prices.list(principal, query);
  }

  /** Sets a model's price from a moment on. Receipts that are made already keep theirs. */
  @Post()
  @RequiresPermission('aiProviders:ManageAiProviderPrices')
  create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreatePriceOverrideDto,
  ): Promise<PriceOverrideDto> {
    return this.prices.create(principal, body);
  }

  /** Takes a price away: the one before it holds again, or the list's. */
  @Delete(':priceOverrideId')
  @HttpCode(204)
  @RequiresPermission('aiProviders:ManageAiProviderPrices')
  delete(@CurrentPrincipal() principal: Principal, @Param('priceOverrideId') id: string): Promise<void> {
    return this.prices.delete(principal, id);
  }
}
