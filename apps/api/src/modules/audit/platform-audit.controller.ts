import { Controller, Get, Query } from '@nestjs/common';
import { OperatorOnly } from '#lib/access';
import { PLATFORM_ORG } from '#lib/contracts';
import { AuditListQuery, AuditPageDto } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@Controller('platform/audit-events')
export class PlatformAuditController {
  constructor(private readonly audit: AuditService) {}

  /** What operators changed of the platform; newest first. What they did to one organization is in that organization's log. */
  @Get()
  @OperatorOnly()
  list(@Query() query: AuditListQuery): Promise<AuditPageDto> {
    return this.audit.list({ orgId: PLATFORM_ORG }, query);
  }
}
