import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { PlanLimitsModule } from '../plan-limits/index.js';
import { WorkspaceGrantsRepository } from './workspace-grants.repository.js';
import { WorkspaceGrantsService } from './workspace-grants.service.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';

@Module({
  imports: [CatalogModule, PlanLimitsModule],
  controllers: [WorkspacesController],
  providers: [WorkspacesService, WorkspacesRepository, WorkspaceGrantsService, WorkspaceGrantsRepository],
})
export class WorkspacesModule {}
