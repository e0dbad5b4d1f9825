import { Inject, Injectable } from '@nestjs/common';
import type { AgentRunAnswer } from '#lib/contracts';
import { newId, type Clock } from '#lib/kernel';
import { Meter } from '../metering/meter.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import { CallExecution, type CallResult } from '../pipeline/execute.js';
import { CLOCK } from '../tokens.js';
import { LiveRuns } from './live-runs.js';
import type { RunHandle } from './run-handle.js';
import { runProblem, statusFor } from './run-problem.js';
import { RunLedger } from './run-ledger.js';
import type { RunRow } from './run-row.js';
import type { StartRun } from './start-run.js';

/** A run that has begun here, or the row of the one that has the node execution already. */
export type BegunRun = { taken: RunRow } | { taken: null; handle: RunHandle };

/** Takes a prepared call through its life: row and reservation, execution, answer, receipt, last event. */
@Injectable()
export class RunConductor {
  constructor(
    private readonly ledger: RunLedger,
    private readonly live: LiveRuns,
    private readonly execution: CallExecution,
    private readonly meter: Meter,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Reserves and starts the call in the background. Throws `plan_limit_reached`, and `overloaded` when the process is stopping. */
  begin(plan: CallPlan, start: StartRun): Promise<BegunRun> {
    const runId = newId('run');
    return this.live.reserve(async () => {
      const taken = await this.ledger.begin(plan, start, runId);
      if (taken) return { taken };
      const handle = this.live.open(runId);
      void this.#conduct(plan, handle);
      return { taken: null, handle };
    });
  }

  async #conduct(plan: CallPlan, handle: RunHandle): Promise<void> {
    const { assignment, provider, model } = plan.choice;
    handle.emit('run.started', { aiProviderId: assignment.aiProviderId, provider: provider.slug, model });
    const answer = this.#answerOf(plan, handle, await this.execution.execute(plan, handle));
    this.#receipt(plan, answer);
    await this.ledger.finish(plan.request.caller.orgId, answer);
    if (answer.error) handle.emit('run.failed', answer.error);
    else handle.emit('run.finished', { ...answer });
    handle.finish(answer);
  }

  #answerOf(plan: CallPlan, handle: RunHandle, result: CallResult): AgentRunAnswer {
    const { error, ...rest } = result;
    if (!error) return { id: handle.id, status: 'succeeded', ...rest };
    const { requestId, instance } = plan.request;
    return {
      id: handle.id,
      status: statusFor(error),
      ...rest,
      error: runProblem(error, handle.id, requestId, instance),
    };
  }

  #receipt(plan: CallPlan, answer: AgentRunAnswer): void {
    const { caller, requestId } = plan.request;
    this.meter.receipt({
      orgId: caller.orgId,
      runId: answer.id,
      principalId: caller.actor,
      workspaceId: caller.workspaceId,
      status: answer.status,
      code: answer.error?.code ?? null,
      aiProviderId: answer.served?.aiProviderId ?? null,
      keyVersion: answer.served?.keyVersion ?? null,
      requestId,
      at: this.clock.now(),
    });
  }
}
