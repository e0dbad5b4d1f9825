import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { MeteringModule } from '../metering/metering.module.js';
import { PipelineModule } from '../pipeline/pipeline.module.js';
import { AgentRunsController } from './agent-runs.controller.js';
import { AgentRunsService } from './agent-runs.service.js';
import { AgentRunsStore } from './agent-runs.store.js';
import { Draining } from './draining.js';
import { LiveRuns } from './live-runs.js';
import { ModelsController } from './models.controller.js';
import { RunConductor } from './run-conductor.js';
import { RunLedger } from './run-ledger.js';
import { RunReplies } from './run-replies.js';
import { RunSweeper } from './run-sweeper.js';
import { RunWaiter } from './run-waiter.js';

@Module({
  imports: [KeysModule, MeteringModule, PipelineModule],
  controllers: [AgentRunsController, ModelsController],
  providers: [
    AgentRunsService,
    AgentRunsStore,
    Draining,
    LiveRuns,
    RunConductor,
    RunLedger,
    RunReplies,
    RunSweeper,
    RunWaiter,
  ],
})
export class AgentRunsModule {}
