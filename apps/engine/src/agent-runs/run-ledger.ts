import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type RetentionLevel } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { CallPlan } from '../pipeline/call-plan.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import { LateAdmission } from '../rates/late-admission.js';
import { QuotaStore, type NewReservation } from '../quotas/quota.store.js';
import { CLOCK, ENGINE_ID } from '../tokens.js';
import { within } from '../within.js';
import { AgentRunsStore } from './agent-runs.store.js';
import { keptRun, type KeptRun } from './kept-run.js';
import { newRunOf } from './new-run.js';
import { monthlyLimit } from './plan-counts.js';
import { runProblem } from './run-problem.js';
import { RunTeller } from './run-teller.js';
import { NOTHING_YET, type RunRow } from './run-row.js';
import type { StartRun } from './start-run.js';

/** How often an end is tried to be written that no outage keeps from it, and by a process that stops. */
const FINISH_ATTEMPTS = 4;
/** The longest pause between two attempts, in milliseconds. */
const LAST_PAUSE_MS = 5_000;
/** How long a caller waits for the database to take the beginning of a run, in milliseconds, and how long for its end. */
const BEGIN_WITHIN_MS = 3_000;
const FINISH_WITHIN_MS = 500;
/** How long after its time a run may take to write its end. */
const SETTLE_WITHIN_MS = 60_000;

/** The beginning and the end of a run in the database. */
@Injectable()
export class RunLedger {
  readonly #writing = new Set<Promise<void>>();
  #isStopping = false;
  readonly #admission = new LateAdmission();

  constructor(
    private readonly store: AgentRunsStore,
    private readonly quotas: QuotaStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly teller: RunTeller,
  ) {}

  /**
   * Takes the node execution, and for it room in the rates where the plan has none yet, one execution of the plan and what it reserves;
   * or answers the row that has it. Throws `overloaded` when the database does not say in time; a row that it takes after all is closed, as
   * nobody runs it.
   */
  async begin(plan: CallPlan, start: StartRun, runId: string): Promise<RunRow | null> {
    await this.#admission.before(plan.rates);
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
    const { caller } = plan.request;
    const own = { id: runId, engineId: this.engineId, retention: plan.retention() };
    const run = newRunOf(plan, start, own);
    const reservation = reservationOf(plan, runId);
    const reserve = async (tx: TenantPg) => {
      // Last: the counters of quotas are locked for the length of the commit only.
      if (reservation) await this.quotas.reserve(tx, reservation);
    };
    const limit = monthlyLimit(plan, this.clock.now());
    return this.store.begin(caller.orgId, run, limit, reserve, () => this.#admission.inside(plan.rates));
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
    const answer = { id: runId, status: 'failed' as const, ...NOTHING_YET, error };
    await this.finish(caller.orgId, answer, plan.retention(), plan.budget && []);
  }

  /**
   * Writes the end, and lets nobody wait for a database that is slow: the caller is told then, and the writing goes on for as long as
   * the database is away, since nobody sweeps the runs of a process that lives. One that stops leaves them to the sweeper, which calls
   * them `outcome_unknown`. Of the answer it writes what may be kept.
   * `calls`: the receipts of a run that reserved something. `fence`: of the claim that it was run by.
   */
  async finish(
    orgId: string,
    answer: AgentRunAnswer,
    level: RetentionLevel,
    calls: UsageEntry[] | null,
    fence = 0,
  ): Promise<void> {
    this.teller.ended(answer);
    const writing = this.#write(orgId, keptRun(answer, level), calls, fence);
    this.#writing.add(writing);
    void writing.then(() => this.#writing.delete(writing));
    await within(writing, FINISH_WITHIN_MS, databaseSilent).catch(() => undefined);
  }

  /** Of a process that stops. Resolves when every end is written, or given up. */
  async settled(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#writing);
  }

  async #write(orgId: string, run: KeptRun, calls: UsageEntry[] | null, fence: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.store.finish(orgId, run, { engineId: this.engineId, fence }, calls);
        return;
      } catch (error) {
        this.teller.unwritten(run.id, attempt, error);
        const mayGoOn = !this.#isStopping && asClavigerError(error).code === 'overloaded';
        if (attempt >= FINISH_ATTEMPTS && !mayGoOn) return;
        const pauseMs = Math.min(100 * 2 ** attempt, LAST_PAUSE_MS);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }
}

/** What the run reserves as it begins; it is charged when it should have been over for a while and nobody said how it ended. */
export function reservationOf({ budget, choice, request }: CallPlan, runId: string): NewReservation | null {
  if (!budget) return null;
  const { assignment, provider, model, modelInfo } = choice;
  return {
    runId,
    aiProviderId: assignment.aiProviderId,
    keyVersion: assignment.keyVersion,
    provider: provider.slug,
    model,
    price: modelInfo.price,
    livesMs: request.agent.timeoutMs + SETTLE_WITHIN_MS,
    hold: budget.hold,
  };
}

function databaseSilent(): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'The engine’s database does not answer right now, so the run was not begun. Start it again in a moment, under another nodeExecutionId; if it lasts, tell the operator of this installation.',
    { extras: { retryAfterSeconds: 2 } },
  );
}
