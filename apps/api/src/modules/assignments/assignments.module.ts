import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { AssignmentsController } from './assignments.controller.js';
import { AssignmentsPort } from './assignments.port.js';
import { AssignmentsRepository } from './assignments.repository.js';
import { AssignmentsService } from './assignments.service.js';
import { ResolutionService } from './resolution.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [AssignmentsController],
  providers: [AssignmentsService, AssignmentsRepository, AssignmentsPort, ResolutionService],
  exports: [AssignmentsPort],
})
export class AssignmentsModule {}
