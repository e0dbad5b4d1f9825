import { Module } from '@nestjs/common';
import { PlanLimitsModule } from '../plan-limits/index.js';
import { SecretsModule } from '../secrets/index.js';
import { McpAssignmentsController } from './mcp-assignments.controller.js';
import { McpAssignmentsRepository } from './mcp-assignments.repository.js';
import { McpAssignmentsService } from './mcp-assignments.service.js';
import { McpIntake } from './mcp-intake.js';
import { McpServersController } from './mcp-servers.controller.js';
import { McpServersRepository } from './mcp-servers.repository.js';
import { McpServersService } from './mcp-servers.service.js';

@Module({
  imports: [PlanLimitsModule, SecretsModule],
  controllers: [McpServersController, McpAssignmentsController],
  providers: [
    McpServersService,
    McpServersRepository,
    McpIntake,
    McpAssignmentsService,
    McpAssignmentsRepository,
  ],
})
export class McpServersModule {}
