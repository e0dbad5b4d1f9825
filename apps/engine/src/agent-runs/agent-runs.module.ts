import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { MeteringModule } from '../metering/metering.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { PipelineModule } from '../pipeline/pipeline.module.js';
import { QuotasModule } from '../quotas/quotas.module.js';
import { EventFollower } from '../run-events/event-follower.js';
import { EventRecorder } from '../run-events/event-recorder.js';
import { ListenerGrace } from '../run-events/listener-grace.js';
import { RunEventsStore } from '../run-events/run-events.store.js';
import { Approvals } from '../run-pauses/approvals.service.js';
import { PauseExpiry } from '../run-pauses/pause-expiry.js';
import { RunPauser } from '../run-pauses/run-pauser.js';
import { RunPausesController } from '../run-pauses/run-pauses.controller.js';
import { RunPausesStore } from '../run-pauses/run-pauses.store.js';
import { ToolOutputs } from '../run-pauses/tool-outputs.service.js';
import { CancelWatch } from '../run-queue/cancel-watch.js';
import { ClaimedCalls } from '../run-queue/claimed-calls.js';
import { Dispatcher } from '../run-queue/dispatcher.js';
import { QueuedRuns } from '../run-queue/queued-runs.js';
import { RunAcceptance } from '../run-queue/run-acceptance.js';
import { RunQueueStore } from '../run-queue/run-queue.store.js';
import { AgentRunsController } from './agent-runs.controller.js';
import { AgentRunsService } from './agent-runs.service.js';
import { AgentRunsStore } from './agent-runs.store.js';
import { Draining } from './draining.js';
import { EngineGauges } from './engine-gauges.js';
import { ListenerWatch } from './listener-watch.js';
import { LiveRuns } from './live-runs.js';
import { ModelsController } from './models.controller.js';
import { RunCancellation } from './run-cancellation.js';
import { RunConductor } from './run-conductor.js';
import { RunEnds } from './run-ends.js';
import { RunLedger } from './run-ledger.js';
import { RunReceipts } from './run-receipts.js';
import { RunReplies } from './run-replies.js';
import { RunSweeper } from './run-sweeper.js';
import { RunTeller } from './run-teller.js';
import { RunWaiter } from './run-waiter.js';

@Module({
  imports: [KeysModule, MeteringModule, PipelineModule, PoliciesModule, QuotasModule],
  controllers: [AgentRunsController, RunPausesController, ModelsController],
  providers: [
    AgentRunsService,
    AgentRunsStore,
    Approvals,
    Draining,
    CancelWatch,
    ClaimedCalls,
    Dispatcher,
    EngineGauges,
    EventFollower,
    EventRecorder,
    ListenerGrace,
    ListenerWatch,
    LiveRuns,
    PauseExpiry,
    QueuedRuns,
    RunAcceptance,
    RunCancellation,
    RunConductor,
    RunEnds,
    RunEventsStore,
    RunLedger,
    RunPauser,
    RunPausesStore,
    RunQueueStore,
    RunReceipts,
    RunReplies,
    RunSweeper,
    RunTeller,
    RunWaiter,
    ToolOutputs,
  ],
  exports: [AgentRunsService, LiveRuns, RunLedger, RunReceipts, RunReplies],
})
export class AgentRunsModule {}
