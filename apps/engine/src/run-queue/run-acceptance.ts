import { Inject, Injectable } from '@nestjs/common';
import { newId, type Clock } from '#lib/kernel';
import { AgentRunsStore } from '../agent-runs/agent-runs.store.js';
import { newRunOf } from '../agent-runs/new-run.js';
import { monthlyLimit } from '../agent-runs/plan-counts.js';
import { RunReceipts } from '../agent-runs/run-receipts.js';
import type { RunRow } from '../agent-runs/run-row.js';
import type { StartRun } from '../agent-runs/start-run.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { CallPreparation } from '../pipeline/prepare.js';
import { CLOCK } from '../tokens.js';
import { assertMayPause, keptRow, mayBeKept } from './kept-request.js';
import { keepRequest } from './run-queue.store.js';

/** A run that waits for its turn now, or the row of the one that has the node execution already. */
export type AcceptedRun = { taken: RunRow } | { taken: null; runId: string };

/** Takes runs into the queue: what would be refused is refused at once, and what is accepted is on record before anybody is told. */
@Injectable()
export class RunAcceptance {
  constructor(
    private readonly preparation: CallPreparation,
    private readonly store: AgentRunsStore,
    private readonly receipts: RunReceipts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A call that begins here and now, once there is room in its rates. Throws what any other gate refuses. */
  async prepare(request: CallRequest): Promise<CallPlan> {
    const plan = await this.preparation.plan(request);
    assertMayPause(plan.request.agent, plan.state, plan.retention());
    return plan;
  }

  /** null: of this run nothing may wait in the database, so that it must begin at once. Throws what any gate refuses. */
  async accept(start: StartRun): Promise<AcceptedRun | null> {
    const vetted = await this.preparation.vet(start.call);
    const { request, noted, retention, state } = vetted;
    assertMayPause(request.agent, state, retention);
    const kept = keptRow(
      request,
      noted.map(({ policy }) => policy.id),
    );
    if (!kept || !mayBeKept(request.agent, retention)) return null;
    const runId = newId('run');
    const run = newRunOf(vetted, start, { id: runId, engineId: null, retention });
    const limit = monthlyLimit(vetted, this.clock.now());
    const taken = await this.store.begin(request.caller.orgId, run, limit, (tx) =>
      keepRequest(tx, runId, kept),
    );
    if (taken) return { taken };
    this.receipts.begun(vetted, runId);
    return { taken: null, runId };
  }
}
