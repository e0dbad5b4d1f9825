import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { PageQuery } from '#lib/http';
import { WhileRestored } from '../../restored/while-restored.js';
import { CreatedTokenDto, CreateTokenDto, RollTokenDto, TokenPageDto } from './tokens.dto.js';
import { TokensService } from './tokens.service.js';

@Controller('tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  /** Tokens of the organization, revoked ones included; none is ever shown again. */
  @Get()
  @ListsRows()
  @RequiresPermission('tokens:ListTokens')
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<TokenPageDto> {
    return this.tokens.list(principal, query);
  }

  @Post()
  @RequiresPermission('tokens:CreateToken')
  create(@CurrentPrincipal() principal: Principal, @Body() input: CreateTokenDto): Promise<CreatedTokenDto> {
    return this.tokens.create(principal, input);
  }

  /** Replaces a token of your own; the old one may overlap. */
  @Post(':id/roll')
  @RequiresPermission('tokens:RollToken')
  roll(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() input: RollTokenDto,
  ): Promise<CreatedTokenDto> {
    return this.tokens.roll(principal, id, input.overlapSeconds ?? 0);
  }

  /** Revokes a token: calls that start 2 s later fail. */
  @Delete(':id')
  @WhileRestored()
  @RequiresPermission('tokens:RevokeToken')
  @HttpCode(204)
  revoke(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.tokens.revoke(principal, id);
  }
}
