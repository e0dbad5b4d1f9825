import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { DeleteOrgService } from './delete-org.service.js';
import { ExportOrgService } from './export-org.service.js';
import { OrgExportRepository } from './org-export.repository.js';
import { OrgLifecycleController } from './org-lifecycle.controller.js';
import { OrgsController } from './orgs.controller.js';
import { OrgsRepository } from './orgs.repository.js';
import { OrgsService } from './orgs.service.js';

@Module({
  imports: [AuditModule],
  controllers: [OrgsController, OrgLifecycleController],
  providers: [OrgsService, OrgsRepository, DeleteOrgService, ExportOrgService, OrgExportRepository],
})
export class OrgsModule {}
