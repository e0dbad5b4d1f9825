import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, ListsRows, RequiresPermission, type Principal } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { only, WhileRestored } from '../../restored/while-restored.js';
import { CatalogueModelListDto, GateProviderDto, ProviderDto, ProviderListDto } from './catalog.dto.js';
import { CatalogService } from './catalog.service.js';

@Controller('providers')
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  /** Every provider of the platform, with the organization's gate and how far it is set up. */
  @Get()
  @ListsRows()
  @RequiresPermission('providers:ListProviders')
  list(@CurrentPrincipal() principal: Principal): Promise<ProviderListDto> {
    return this.catalog.list(principal);
  }

  /** Opens or closes the organization's gate for a provider. */
  @Put(':slug')
  @WhileRestored(only('enabled', false))
  @Conditional()
  @RequiresPermission('providers:GateProvider')
  gate(
    @CurrentPrincipal() principal: Principal,
    @Param('slug') slug: string,
    @Body() body: GateProviderDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<ProviderDto> {
    return withETag(reply, this.catalog.gate(principal, slug, body.enabled, ifMatch));
  }

  /** The models that the catalogue knows of a provider. */
  @Get(':slug/models')
  @RequiresPermission('providers:ListModels')
  models(
    @CurrentPrincipal() principal: Principal,
    @Param('slug') slug: string,
  ): Promise<CatalogueModelListDto> {
    return this.catalog.models(principal.orgId, slug);
  }
}
