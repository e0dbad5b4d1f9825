import { Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { newId } from '#lib/kernel';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { CallExecution, type CallResult } from '../pipeline/execute.js';
import { joinParts, withAnswered } from '../run-pauses/conversation.js';
import { clientTools, unmadeCalls } from '../run-pauses/pending-calls.js';
import { RunPauser } from '../run-pauses/run-pauser.js';
import { within } from '../within.js';
import { LiveRuns } from './live-runs.js';
import type { RunHandle } from './run-handle.js';
import { runProblem, statusFor } from './run-problem.js';
import { RunLedger } from './run-ledger.js';
import { RunReceipts } from './run-receipts.js';
import { NOTHING_YET, type RunRow, type StoredResult } from './run-row.js';
import type { StartRun } from './start-run.js';

/** A run that has begun here, or the row of the one that has the node execution already. */
export type BegunRun = { taken: RunRow } | { taken: null; handle: RunHandle };

/** Asked when a call has ended, before anything is written of it: true when the run goes back to the queue instead. */
export type MayReturn = (error: ClavigerError | null) => Promise<boolean>;
const never: MayReturn = () => Promise.resolve(false);
/** How long after its own time-out a call may take to stop, in milliseconds; then its run ends without it. */
const OVERDUE_MS = 30_000;

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

  /** From the first event to the last. Never rejects: what breaks off ends by name. */
  async conduct(plan: CallPlan, handle: RunHandle, mayReturn: MayReturn = never): Promise<void> {
    handle.facts.retention = plan.retention;
    try {
      await this.#conduct(plan, handle, mayReturn);
    } catch (error) {
      await this.#breakOff(plan, handle, error);
    }
  }

  async #conduct(plan: CallPlan, handle: RunHandle, mayReturn: MayReturn): Promise<void> {
    const { before = null } = handle.facts;
    if (before) tellOutputs(handle, plan, before);
    else tellStart(handle, plan);
    const overdueMs = plan.request.agent.timeoutMs + OVERDUE_MS;
    const part = await within(this.execution.execute(plan, handle), overdueMs, overdue);
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
    await this.#end(plan, handle, answer, plan.budget && result.calls);
  }

  /** Its end, unless somebody wrote another one before: whoever listens is told that one then. */
  async #end(
    plan: CallPlan,
    handle: RunHandle,
    answer: AgentRunAnswer,
    calls: UsageEntry[] | null,
  ): Promise<void> {
    const { orgId } = plan.request.caller;
    if (!(await this.ledger.finish(orgId, answer, plan.retention(), calls, handle.facts.fence)))
      return handle.pass();
    this.receipts.receipt(plan, answer);
    handle.end(answer);
  }

  /** What was used is unknown then: what the run reserved is charged when its time is over. */
  async #breakOff(plan: CallPlan, handle: RunHandle, thrown: unknown): Promise<void> {
    this.ledger.brokeOff(handle.id, thrown);
    const error = asClavigerError(thrown);
    handle.abort(error);
    plan.rates.end();
    if (handle.answer) return;
    const { requestId, instance } = plan.request;
    const level = plan.retention();
    const answer: AgentRunAnswer = {
      ...{ id: handle.id, status: statusFor(error), ...(handle.facts.before ?? NOTHING_YET) },
      error: runProblem(error, handle.id, requestId, instance),
      ...(level !== 'full' && { retention: level }),
    };
    // Whatever breaks here as well: nobody waits for a run that this process has no more.
    await this.#end(plan, handle, answer, null).finally(() => handle.answer ?? handle.pass());
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

function overdue(): ClavigerError {
  return new ClavigerError(
    'outcome_unknown',
    'The run did not stop when its time was over, so it was given up. The provider may have acted on it: look there, or start it again under another nodeExecutionId.',
  );
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
