import { Body, Controller, Get, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { OperatorOnly } from '#lib/access';
import { Conditional, IfMatch } from '../../common/if-match.js';
import { withETag } from '../../common/tagged.js';
import { editsFrom } from './edits-from.js';
import {
  ReplaceCatalogueDto,
  ReplaceCatalogueQuery,
  RollBackCatalogueDto,
} from './platform-catalogue.dto.js';
import {
  CatalogueFileDto,
  CatalogueVersionListDto,
  EditedCatalogueDto,
} from './platform-catalogue.responses.dto.js';
import { PlatformCatalogueService } from './platform-catalogue.service.js';

@Controller('platform/catalogue')
export class PlatformCatalogueController {
  constructor(private readonly catalogue: PlatformCatalogueService) {}

  /** All that the operator says of providers and models, as a file that `PUT` takes. */
  @Get()
  @OperatorOnly()
  get(@Res({ passthrough: true }) reply: FastifyReply): Promise<CatalogueFileDto> {
    return withETag(reply, this.catalogue.get());
  }

  /** Replaces it by a file, whole or not at all; with `preview=true` it only says what would change. */
  @Put()
  @Conditional()
  @OperatorOnly()
  replace(
    @Query() query: ReplaceCatalogueQuery,
    @Body() body: ReplaceCatalogueDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<EditedCatalogueDto> {
    const how = { preview: query.preview === 'true', ifMatch };
    return withETag(reply, this.catalogue.replace(editsFrom(body), how));
  }

  /** The latest hundred versions, newest first: who changed what, when, from where. */
  @Get('versions')
  @OperatorOnly()
  versions(): Promise<CatalogueVersionListDto> {
    return this.catalogue.versions();
  }

  /** Makes an earlier version hold again, as a new version. */
  @Post('rollback')
  @Conditional()
  @HttpCode(200)
  @OperatorOnly()
  rollBack(
    @Body() { version }: RollBackCatalogueDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IfMatch() ifMatch?: string,
  ): Promise<EditedCatalogueDto> {
    return withETag(reply, this.catalogue.rollBack(version, ifMatch));
  }
}
