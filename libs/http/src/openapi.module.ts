import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { PublicRoute } from './route-marks.js';

/** Holds the document once the application that it describes is complete. */
@Injectable()
export class OpenApiHolder {
  document: OpenAPIObject | null = null;
}

@ApiTags('meta')
@Controller('openapi.json')
export class OpenApiController {
  constructor(private readonly holder: OpenApiHolder) {}

  @Get()
  @PublicRoute()
  @ApiOperation({ summary: 'This document' })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  get(): OpenAPIObject | null {
    return this.holder.document;
  }
}

/** `openapi.json` below the plane's prefix: the plane sets the holder's document when it has booted. */
@Module({ controllers: [OpenApiController], providers: [OpenApiHolder], exports: [OpenApiHolder] })
export class OpenApiModule {}
