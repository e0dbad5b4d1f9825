import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { PlanLimitsModule } from '../plan-limits/index.js';
import { AssignmentPlan } from './assignment-plan.js';
import { AssignmentViews } from './assignment-views.js';
import { AssignmentsController } from './assignments.controller.js';
import { AssignmentsPort } from './assignments.port.js';
import { AssignmentsRepository } from './assignments.repository.js';
import { AssignmentsService } from './assignments.service.js';
import { CountedResolution } from './counted-resolution.js';
import { HeadRoomReader } from './head-room.js';
import { QuotaRoomReader } from './quota-room.js';
import { ResolutionService } from './resolution.service.js';

@Module({
  imports: [CatalogModule, PlanLimitsModule],
  controllers: [AssignmentsController],
  providers: [
    AssignmentsService,
    AssignmentsRepository,
    AssignmentsPort,
    AssignmentPlan,
    AssignmentViews,
    CountedResolution,
    HeadRoomReader,
    QuotaRoomReader,
    ResolutionService,
  ],
  exports: [AssignmentsPort],
})
export class AssignmentsModule {}
