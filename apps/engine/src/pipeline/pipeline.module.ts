import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { MeteringModule } from '../metering/metering.module.js';
import { QuotasModule } from '../quotas/quotas.module.js';
import { CircuitBreaker } from '../routes/circuit-breaker.js';
import { RoutePlanner } from '../routes/route-planner.js';
import { RoutedLoop } from '../routes/routed-loop.js';
import { RunCourses } from '../routes/run-courses.js';
import { TargetPlans } from '../routes/target-plans.js';
import { ApprovedCalls } from '../tools/approved-calls.js';
import { Toolbox } from '../tools/toolbox.js';
import { CallReceipts } from './call-receipts.js';
import { Dialler } from './dialler.js';
import { CallExecution } from './execute.js';
import { JudgeBill } from './judge-bill.js';
import { Judge } from './judge.js';
import { JudgedLoop } from './judged-loop.js';
import { ModelLoop } from './model-loop.js';
import { CallPreparation } from './prepare.js';
import { CallReadiness } from './readiness.js';

/** authorise → resolve → lease → call → meter, each step in a file of its own. */
@Module({
  imports: [KeysModule, MeteringModule, QuotasModule],
  providers: [
    ApprovedCalls,
    CallExecution,
    CallPreparation,
    CallReadiness,
    CallReceipts,
    Dialler,
    Judge,
    JudgeBill,
    JudgedLoop,
    ModelLoop,
    CircuitBreaker,
    RoutePlanner,
    RoutedLoop,
    RunCourses,
    TargetPlans,
    Toolbox,
  ],
  exports: [CallExecution, CallPreparation, CallReadiness, CallReceipts, Dialler, Judge, KeysModule],
})
export class PipelineModule {}
