import { Module } from '@nestjs/common';
import { AgentRunsModule } from '../agent-runs/agent-runs.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { CompareController } from './compare.controller.js';
import { CompareService } from './compare.service.js';

@Module({
  imports: [AgentRunsModule, KeysModule],
  controllers: [CompareController],
  providers: [CompareService],
})
export class CompareModule {}
