import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { LOGGER, Metrics, type Logger } from '#lib/telemetry';
import type { CallPlan } from '../pipeline/call-plan.js';
import { CLOCK, ENGINE_ID } from '../tokens.js';
import { within } from '../within.js';
import { AgentRunsStore } from './agent-runs.store.js';
import { runProblem } from './run-problem.js';
import { NOTHING_YET, type RunRow } from './run-row.js';
import type { StartRun } from './start-run.js';

const FINISH_ATTEMPTS = 4;
/** How long a caller waits for the database to take the beginning of a run, in milliseconds, and how long for its end. */
const BEGIN_WITHIN_MS = 3_000;
const FINISH_WITHIN_MS = 500;

/** The beginning and the end of a run in the database. */
@Injectable()
export class RunLedger {
  readonly #writing = new Set<Promise<void>>();

  constructor(
    private readonly store: AgentRunsStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Reserves one execution of the plan and takes the node execution, or answers the row that has it. Throws `overloaded` when the
   * database does not say in time; a row that it takes after all is closed, as nobody runs it.
   */
  async begin(plan: CallPlan, start: StartRun, runId: string): Promise<RunRow | null> {
    const beginning = this.#begin(plan, start, runId);
    const late = databaseSilent();
    try {
      return await within(beginning, BEGIN_WITHIN_MS, () => late);
    } catch (error) {
      if (error === late) void this.#close(beginning, plan, runId, late);
      throw error;
    }
  }

  #begin(plan: CallPlan, start: StartRun, runId: string): Promise<RunRow | null> {
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

  async #close(
    beginning: Promise<RunRow | null>,
    plan: CallPlan,
    runId: string,
    why: ClavigerError,
  ): Promise<void> {
    const taken = await beginning.catch((error: unknown) => error);
    if (taken !== null) return;
    const { caller, requestId, instance } = plan.request;
    const error = runProblem(why, runId, requestId, instance);
    await this.finish(caller.orgId, { id: runId, status: 'failed', ...NOTHING_YET, error });
  }

  /**
   * Writes the end, and lets nobody wait for a database that is slow: the caller is told then, and the writing goes on. When it
   * stays away the run is left to the sweeper, which calls it `outcome_unknown`.
   */
  async finish(orgId: string, answer: AgentRunAnswer): Promise<void> {
    this.#tell(answer);
    const writing = this.#write(orgId, answer);
    this.#writing.add(writing);
    void writing.then(() => this.#writing.delete(writing));
    await within(writing, FINISH_WITHIN_MS, databaseSilent).catch(() => undefined);
  }

  /** Resolves when every end is written, or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write(orgId: string, answer: AgentRunAnswer): Promise<void> {
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

function databaseSilent(): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'The engine’s database does not answer right now, so the run was not begun. Start it again in a moment, under another nodeExecutionId; if it lasts, tell the operator of this installation.',
    { extras: { retryAfterSeconds: 2 } },
  );
}
