import { Module } from '@nestjs/common';
import { TicketStrategy } from '../access/ticket.strategy.js';
import { KeysModule } from '../keys/keys.module.js';
import { PipelineModule } from '../pipeline/pipeline.module.js';
import { KeyActionsController } from './key-actions.controller.js';
import { KeyActionsService } from './key-actions.service.js';

@Module({
  imports: [KeysModule, PipelineModule],
  controllers: [KeyActionsController],
  providers: [KeyActionsService, TicketStrategy],
})
export class KeyActionsModule {}
