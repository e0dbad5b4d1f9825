import { Readable } from 'node:stream';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { CurrentPrincipal, RequiresPermission, type Principal } from '#lib/access';
import { AuditCheckpointDto, AuditFilterQuery, AuditListQuery, AuditPageDto } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@Controller('audit-events')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  /** What was changed, by whom and when; newest first. */
  @Get()
  @RequiresPermission('audit:ListAuditEvents')
  list(@CurrentPrincipal() principal: Principal, @Query() query: AuditListQuery): Promise<AuditPageDto> {
    return this.audit.list(principal, query);
  }

  /** The head of the hash chain, to be kept elsewhere. */
  @Get('checkpoint')
  @RequiresPermission('audit:ListAuditEvents')
  checkpoint(@CurrentPrincipal() principal: Principal): Promise<AuditCheckpointDto> {
    return this.audit.checkpoint(principal);
  }

  /** Every matching event as newline-delimited JSON, oldest first. */
  @Get('export')
  @RequiresPermission('audit:ExportAuditEvents')
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string' } })
  export(@CurrentPrincipal() principal: Principal, @Query() query: AuditFilterQuery): StreamableFile {
    const lines = Readable.from(this.audit.export(principal, query));
    return new StreamableFile(lines, {
      type: 'application/x-ndjson',
      disposition: 'attachment; filename="audit-events.ndjson"',
    });
  }
}
