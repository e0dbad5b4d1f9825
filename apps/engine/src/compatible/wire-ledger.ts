import { Inject, Injectable } from '@nestjs/common';
import { newId, sha256 } from '#lib/kernel';
import type { AgentRunAnswer, ClavigerError } from '#lib/contracts';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import { LiveRuns } from '../agent-runs/live-runs.js';
import { RunLedger } from '../agent-runs/run-ledger.js';
import { runProblem, statusFor } from '../agent-runs/run-problem.js';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { compatibleExecution } from '../metering/insert-unbegun.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { WirePlan } from './preparation.js';

/**
 * The beginning and the end of a relayed call. Where a limit must be asked (a quota or budget covers it, or the plan counts executions
 * to an end), it is a run like any other: row, reservation and count in one transaction before it is sent, receipts with its end. Where
 * none is, nothing is asked: it is counted with its receipts, a moment later.
 */
@Injectable()
export class WireLedger {
  constructor(
    private readonly live: LiveRuns,
    private readonly ledger: RunLedger,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** @throws ClavigerError plan_limit_reached, quota_exceeded, budget_exceeded, rate_limited, overloaded */
  begin(plan: WirePlan): RunHandle | Promise<RunHandle> {
    const runId = newId('run');
    const { caller } = plan.request;
    const facts = { orgId: caller.orgId, fence: 0, retention: plan.retention };
    if (!isAsked(plan)) return this.live.openAtOnce(caller, runId, facts);
    return this.live.reserve(caller, async (open) => {
      const start = {
        call: plan.request,
        mode: 'sync' as const,
        nodeExecutionId: compatibleExecution(runId),
        workflowVersion: null,
      };
      await this.ledger.begin(plan, { ...start, requestHash: sha256(runId) }, runId);
      return open(runId, facts);
    });
  }

  async finish(
    plan: WirePlan,
    handle: RunHandle,
    answer: AgentRunAnswer,
    calls: UsageEntry[],
  ): Promise<void> {
    const { orgId } = plan.request.caller;
    if (isAsked(plan)) await this.ledger.finish(orgId, answer, plan.retention(), plan.budget && calls);
    else this.#tell(answer);
    handle.finish(answer);
  }

  #tell({ id, status, error, served, usage }: AgentRunAnswer): void {
    this.metrics.agentRun(error?.code ?? status);
    const { inputTokens, outputTokens, costMicroUsd } = usage;
    const key = { aiProviderId: served?.aiProviderId, provider: served?.provider, model: served?.model };
    this.log.info(
      { runId: id, status, code: error?.code, ...key, inputTokens, outputTokens, costMicroUsd },
      'run ended',
    );
  }
}

/** Whether the call may not begin before the database has said so. */
export function isAsked({ budget, state, content, isMetered }: WirePlan): boolean {
  // A judge's receipt belongs to a run that is there before it.
  if (content.judges.length > 0) return true;
  return isMetered && (budget !== null || (state.org?.planLimits.executionsPerMonth ?? null) !== null);
}

/** What becomes of the call as runs are kept: nothing of what it said. */
export function answerOf(
  plan: WirePlan,
  runId: string,
  result: Pick<AgentRunAnswer, 'usage' | 'served'>,
  error: ClavigerError | null,
): AgentRunAnswer {
  const level = plan.retention();
  const kept = {
    text: '',
    output: null,
    steps: [],
    ...result,
    ...(level !== 'full' && { retention: level }),
  };
  if (!error) return { id: runId, status: 'succeeded', ...kept };
  const { requestId, instance } = plan.request;
  return {
    id: runId,
    status: statusFor(error),
    ...kept,
    error: runProblem(error, runId, requestId, instance),
  };
}
