import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type RetentionLevel } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { CallPlan } from '../pipeline/call-plan.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import { LateAdmission } from '../rates/late-admission.js';
import { QuotaStore, type NewReservation } from '../quotas/quota.store.js';
import { CLOCK, ENGINE_ID } from '../tokens.js';
import { within } from '../within.js';
import { AgentRunsStore, type RunEnd } from './agent-runs.store.js';
import { newRunOf } from './new-run.js';
import { monthlyLimit } from './plan-counts.js';
import { runProblem } from './run-problem.js';
import { RunTeller } from './run-teller.js';
import { NOTHING_YET, type RunRow } from './run-row.js';
import type { StartRun } from './start-run.js';

/** An end is written as long as the database is away, with pauses of so many milliseconds at most; by a process that stops, a few times. */
const FINISH_FOR_MS = 3_600_000;
const LONGEST_PAUSE_MS = 5_000;
const LAST_ATTEMPTS = 4;
/** How long a caller waits for the database to take the beginning of a run, in milliseconds, and how long for its end. */
const BEGIN_WITHIN_MS = 3_000;
const FINISH_WITHIN_MS = 500;
/** How long after its time a run may take to write its end. */
const SETTLE_WITHIN_MS = 60_000;

/** The beginning and the end of a run in the database. */
@Injectable()
export class RunLedger {
  readonly #writing = new Set<Promise<boolean>>();
  readonly #stopping = new AbortController();
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
   * Writes the end, and lets nobody wait for a database that is slow: the caller is told then, and the writing goes on. When it
   * stays away for longer than this process lives the run is left to the sweeper, which calls it `outcome_unknown`. Of the answer it writes what may be kept.
   * `calls`: the receipts of a run that reserved something. `fence`: of the claim that it was run by. False: the run had ended
   * otherwise before, or is another process's, so that this answer is not its answer.
   */
  async finish(
    orgId: string,
    answer: AgentRunAnswer,
    level: RetentionLevel,
    calls: UsageEntry[] | null,
    fence = 0,
  ): Promise<boolean> {
    this.teller.ended(answer);
    const writing = this.#write(orgId, { answer, level, calls }, fence);
    this.#writing.add(writing);
    void writing.then(() => this.#writing.delete(writing));
    return within(writing, FINISH_WITHIN_MS, databaseSilent).catch(() => true);
  }

  /** Says for the operator what broke a run off that should never break one. */
  brokeOff(runId: string, error: unknown): void {
    this.teller.brokeOff(runId, error);
  }

  /** Of a process that stops: resolves when every end is written, or given up. */
  async settled(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#writing);
  }

  async #write(orgId: string, end: RunEnd, fence: number): Promise<boolean> {
    const until = performance.now() + FINISH_FOR_MS;
    const { signal } = this.#stopping;
    for (let attempt = 1, last = LAST_ATTEMPTS; last > 0 && performance.now() < until; attempt += 1) {
      try {
        return await this.store.finish(orgId, end, { engineId: this.engineId, fence });
      } catch (error) {
        this.teller.unwritten(end.answer.id, attempt, error);
        if (signal.aborted) last -= 1;
        const pause = Math.min(
          100 * 2 ** (signal.aborted ? LAST_ATTEMPTS - last : attempt),
          LONGEST_PAUSE_MS,
        );
        await sleep(pause, undefined, { signal: signal.aborted ? undefined : signal }).catch(() => undefined);
      }
    }
    return true;
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
