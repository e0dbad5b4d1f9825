import { Injectable } from '@nestjs/common';
import type { AgentRunAnswer, ClavigerError } from '#lib/contracts';
import { newId } from '#lib/kernel';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { CallExecution, type CallResult } from '../pipeline/execute.js';
import { joinParts, withAnswered } from '../run-pauses/conversation.js';
import { clientTools, unmadeCalls } from '../run-pauses/pending-calls.js';
import { RunPauser } from '../run-pauses/run-pauser.js';
import { LiveRuns } from './live-runs.js';
import type { RunHandle } from './run-handle.js';
import { runProblem, statusFor } from './run-problem.js';
import { RunLedger } from './run-ledger.js';
import { RunReceipts } from './run-receipts.js';
import type { RunRow, StoredResult } from './run-row.js';
import type { StartRun } from './start-run.js';

/** A run that has begun here, or the row of the one that has the node execution already. */
export type BegunRun = { taken: RunRow } | { taken: null; handle: RunHandle };

/** Asked when a call has ended, before anything is written of it: true when the run goes back to the queue instead. */
export type MayReturn = (error: ClavigerError | null) => Promise<boolean>;
const never: MayReturn = () => Promise.resolve(false);

/** Takes a prepared call through its life: row and reservation, execution, answer, receipt, last event. */
@Injectable()
export class RunConductor {
  constructor(
    private readonly ledger: RunLedger,
    private readonly live: LiveRuns,
    private readonly execution: CallExecution,
    private readonly receipts: RunReceipts,
    private readonly pauser: RunPauser,
  ) {}

  /** Reserves and starts the call in the background. Throws `plan_limit_reached`, `quota_exceeded`, `budget_exceeded`, `rate_limited`, and `overloaded` when the process is stopping or full. */
  begin(plan: CallPlan, start: StartRun): Promise<BegunRun> {
    const runId = newId('run');
    return this.live
      .reserve(plan.request.caller, async (open): Promise<BegunRun> => {
        const taken = await this.ledger.begin(plan, start, runId);
        if (taken) return { taken };
        this.receipts.begun(plan, runId);
        const { retention } = plan;
        const handle = open(runId, { orgId: plan.request.caller.orgId, fence: 0, retention });
        void this.conduct(plan, handle);
        return { taken: null, handle };
      })
      .then(
        (begun) => {
          if (begun.taken) plan.rates.end();
          return begun;
        },
        (error: unknown) => {
          plan.rates.end();
          throw error;
        },
      );
  }

  /** Writes down why a call became no run. */
  refused(request: CallRequest, refusal: unknown): Promise<void> {
    return this.receipts.refused(request, refusal);
  }

  /** From the first event to the last. */
  async conduct(plan: CallPlan, handle: RunHandle, mayReturn: MayReturn = never): Promise<void> {
    const { before = null } = handle.facts;
    handle.facts.retention = plan.retention;
    if (before) tellOutputs(handle, plan, before);
    else tellStart(handle, plan);
    const part = await this.execution.execute(plan, handle);
    if (await mayReturn(part.error)) return;
    const result = { ...part, ...joinParts(withAnswered(before, part.answered), part) };
    if (!part.error) {
      const { error: _, noted: __, answered: ___, calls, ...whole } = result;
      const paused = await this.pauser.pause({ plan, handle, result: whole, calls });
      if (paused === 'waits') return;
      if (paused !== 'over') result.error = paused;
    }
    await this.receipts.ended(plan, handle.id, result);
    const level = plan.retention();
    const answer = { ...this.#answerOf(plan, handle, result), ...(level !== 'full' && { retention: level }) };
    this.receipts.receipt(plan, answer);
    await this.ledger.finish(
      plan.request.caller.orgId,
      answer,
      level,
      plan.budget && result.calls,
      handle.facts.fence,
    );
    handle.end(answer);
  }

  #answerOf(plan: CallPlan, handle: RunHandle, result: CallResult): AgentRunAnswer {
    const { error, noted: _, calls: __, answered: ___, ...rest } = result;
    if (!error) return { id: handle.id, status: 'succeeded', ...rest };
    const { requestId, instance } = plan.request;
    return {
      id: handle.id,
      status: statusFor(error),
      ...rest,
      error: runProblem(error, handle.id, requestId, instance),
    };
  }
}

function tellStart(handle: RunHandle, { choice }: CallPlan): void {
  const { assignment, provider, model } = choice;
  handle.emit('run.started', { aiProviderId: assignment.aiProviderId, provider: provider.slug, model });
}

/** A run that goes on begins with what it waited for. */
function tellOutputs(handle: RunHandle, { request }: CallPlan, { steps }: StoredResult): void {
  const own = clientTools(request.agent.tools);
  const unmade = new Set(unmadeCalls(steps).map(({ toolCallId }) => toolCallId));
  for (const { toolCallId, name, output, error, approval } of steps.at(-1)?.toolCalls ?? [])
    if ((own.has(name) || approval) && !unmade.has(toolCallId))
      handle.emit('tool.result', { step: 0, toolCallId, name, output, error });
}
