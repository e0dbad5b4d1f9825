import { SendState } from '#lib/egress';
import type { AuthorisedState, RunAttempt, RunServed, RunUsage } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import { sumUsage } from '../pipeline/cost.js';
import { targetOf, type Settlement } from '../pipeline/call-receipts.js';
import { RunRecord, type CallTeller } from '../pipeline/run-record.js';
import { concernsTarget } from './failover.js';

/** One attempt: with which key and model, what came of it, and whether its bytes left. */
export interface Leg {
  plan: CallPlan;
  record: RunRecord;
  sent: SendState;
  startedMs: number;
}

/** Who is told of each call of an attempt; undefined: nobody. */
type TellerOf = (plan: CallPlan) => (() => CallTeller | undefined) | undefined;

type Settled = { attempt: RunAttempt; calls: UsageEntry[] };

/** The attempts of a run so far, and the one that it is at. */
export class RunCourse {
  /** As it was asked for: what is said, and the rules that read it, are the same at every target. */
  readonly plan: CallPlan;
  readonly startedMs: number;
  readonly calls: UsageEntry[] = [];
  readonly #attempts: RunAttempt[] = [];
  readonly #earlier: RunUsage[] = [];
  readonly #began = new Set<number>();
  #leg: Leg;
  #bytesLeft = false;
  #isSettled = false;

  constructor(
    plan: CallPlan,
    nowMs: number,
    private readonly tellerOf: TellerOf,
  ) {
    this.plan = plan;
    this.startedMs = nowMs;
    this.#leg = legOf(plan, nowMs, tellerOf);
  }

  get leg(): Leg {
    return this.#leg;
  }

  /** Whether nothing was attempted yet: the first target's plan is as fresh as the run. */
  get isUnused(): boolean {
    return this.#attempts.every(({ outcome }) => outcome === 'skipped');
  }

  /**
   * Throws when the run may not go on by this state. Between two targets a refusal of the one that it has left is none of its concern: the
   * next one goes through its own gates.
   */
  check(now: AuthorisedState): void {
    try {
      this.#leg.plan.check(now);
    } catch (error) {
      if (!this.#isSettled || !concernsTarget(asClavigerError(error))) throw error;
    }
  }

  /** Goes on with another target; the leg before was settled, or nothing was done in it. What it used stays the run's. */
  go(plan: CallPlan, nowMs: number): void {
    // One without tokens would make the sum unknown where its model has no price.
    const used = this.#leg.record.steps.map(({ usage }) => usage);
    this.#earlier.push(...used.filter(({ totalTokens }) => totalTokens > 0));
    this.#isSettled = false;
    this.#leg = legOf(plan, nowMs, this.tellerOf);
  }

  /** Whether the leg was settled: it failed, and no other target was gone to. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  note(attempt: RunAttempt): void {
    this.#attempts.push(attempt);
  }

  /** Once for each leg, when it is over. */
  settled({ attempt, calls }: Settled): void {
    this.note(attempt);
    this.calls.push(...calls);
    this.#isSettled = true;
    this.#bytesLeft ||= this.#leg.sent.bytesLeft;
  }

  settlement(runId: string, error: Settlement['error'], nowMs: number): Settlement {
    const { plan, record, sent, startedMs } = this.#leg;
    const latencyMs = Math.round(nowMs - startedMs);
    return { plan, purpose: 'call', runId, record, sent, error, latencyMs, isWritten: Boolean(plan.budget) };
  }

  /** What all attempts used together. */
  get usage(): RunUsage {
    return sumUsage([...this.#earlier, ...this.#leg.record.steps.map(({ usage }) => usage)]);
  }

  /** The key of the last attempt; null where nothing was sent and nothing else was tried. */
  get served(): RunServed | null {
    if (!this.#bytesLeft && this.#attempts.length <= 1) return null;
    const { choice } = this.#leg.plan;
    return { ...targetOf(choice), keyVersion: choice.assignment.keyVersion, attempts: this.#attempts };
  }

  /** Whether this step is told of for the first time: a second attempt begins it again. */
  begins(step: number): boolean {
    if (this.#began.has(step)) return false;
    this.#began.add(step);
    return true;
  }
}

function legOf(plan: CallPlan, startedMs: number, tellerOf: TellerOf): Leg {
  const record = new RunRecord(plan.choice.modelInfo.price, tellerOf(plan));
  return { plan, record, sent: new SendState(), startedMs };
}
