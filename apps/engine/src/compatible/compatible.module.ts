import { Module } from '@nestjs/common';
import { AgentRunsModule } from '../agent-runs/agent-runs.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { MeteringModule } from '../metering/metering.module.js';
import { PipelineModule } from '../pipeline/pipeline.module.js';
import { Answering } from './answering.js';
import { CompatibleCalls } from './compatible-calls.js';
import { Entrance } from './entrance.js';
import { ModelLists } from './model-lists.js';
import { OutputJudges } from './output-judges.js';
import { WirePreparation } from './preparation.js';
import { RelayCall } from './relay-call.js';
import { TranslateCall } from './translate-call.js';
import { WireConductor } from './wire-conductor.js';
import { WireLedger } from './wire-ledger.js';
import { WireReceipts } from './wire-receipts.js';
import { WireSenders } from './wire-senders.js';

/** Applications with the vendors' own clients: another base URL and a workspace token, nothing else (PRODUCT #51, #52). */
@Module({
  imports: [AgentRunsModule, KeysModule, MeteringModule, PipelineModule],
  providers: [
    Answering,
    CompatibleCalls,
    Entrance,
    ModelLists,
    OutputJudges,
    RelayCall,
    TranslateCall,
    WireConductor,
    WireLedger,
    WirePreparation,
    WireReceipts,
    WireSenders,
  ],
})
export class CompatibleModule {}
