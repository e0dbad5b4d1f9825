import { Body, Controller, Delete, Get, HttpCode, Param, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { OperatorOnly } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { providerChangeFrom } from './edits-from.js';
import { PlatformProviderDto, PlatformProviderListDto } from './platform-catalogue.responses.dto.js';
import { PutPlatformProviderDto } from './platform-providers.dto.js';
import { PlatformProvidersService } from './platform-providers.service.js';

@Controller('platform/providers')
export class PlatformProvidersController {
  constructor(private readonly providers: PlatformProvidersService) {}

  /** Every provider of the platform with its models, as they hold for all organizations. */
  @Get()
  @OperatorOnly()
  list(): Promise<PlatformProviderListDto> {
    return this.providers.list();
  }

  @Get(':slug')
  @OperatorOnly()
  get(
    @Param('slug') slug: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlatformProviderDto> {
    return withETag(reply, this.providers.get(slug));
  }

  /** Makes a provider or changes one, in every process within 2 s; an omitted member keeps its value, `clear` gives one back. */
  @Put(':slug')
  @Conditional()
  @OperatorOnly()
  put(
    @Param('slug') slug: string,
    @Body() body: PutPlatformProviderDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<PlatformProviderDto> {
    return withETag(reply, this.providers.put(slug, providerChangeFrom(body), ifMatch));
  }

  /** Deletes an operator's record, refused while keys use it; of Claviger's own it takes the operator's changes back. */
  @Delete(':slug')
  @Conditional()
  @HttpCode(204)
  @OperatorOnly()
  remove(@Param('slug') slug: string, @IfMatch() ifMatch?: string): Promise<void> {
    return this.providers.remove(slug, ifMatch);
  }
}
