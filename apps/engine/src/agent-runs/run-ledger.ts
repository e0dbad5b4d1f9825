import { Inject, Injectable } from '@nestjs/common';
import type { AgentRunAnswer } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import type { CallPlan } from '../pipeline/call-plan.js';
import { CLOCK, ENGINE_ID } from '../tokens.js';
import { AgentRunsStore } from './agent-runs.store.js';
import type { RunRow } from './run-row.js';
import type { StartRun } from './start-run.js';

const FINISH_ATTEMPTS = 4;

/** The beginning and the end of a run in the database. */
@Injectable()
export class RunLedger {
  constructor(
    private readonly store: AgentRunsStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** Reserves one execution of the plan and takes the node execution, or answers the row that has it. */
  begin(plan: CallPlan, start: StartRun, runId: string): Promise<RunRow | null> {
    const { caller, userId, workflowId } = plan.request;
    const run = {
      id: runId,
      workspaceId: caller.workspaceId,
      nodeExecutionId: start.nodeExecutionId,
      requestHash: start.requestHash,
      principalId: caller.actor,
      userId,
      workflowId,
      workflowVersion: start.workflowVersion,
      engineId: this.engineId,
    };
    const month = this.clock.now().toISOString().slice(0, 7);
    return this.store.begin(caller.orgId, run, month, plan.state.org?.planLimits.executionsPerMonth ?? null);
  }

  /** Writes the end. When the database stays away the run is left to the sweeper, which calls it `outcome_unknown`. */
  async finish(orgId: string, answer: AgentRunAnswer): Promise<void> {
    this.#tell(answer);
    for (let attempt = 1; attempt <= FINISH_ATTEMPTS; attempt += 1) {
      try {
        return await this.store.finish(orgId, answer, this.engineId);
      } catch (error) {
        this.log.warn({ runId: answer.id, attempt, err: error }, 'the end of a run could not be written');
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
      }
    }
  }

  #tell({ id, status, error, served, usage }: AgentRunAnswer): void {
    this.metrics.agentRun(error?.code ?? status);
    const { inputTokens, outputTokens, costMicroUsd } = usage;
    const key = { aiProviderId: served?.aiProviderId, provider: served?.provider, model: served?.model };
    const fields = { runId: id, status, code: error?.code, ...key, inputTokens, outputTokens, costMicroUsd };
    this.log.info(fields, 'run ended');
  }
}
