import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type AuthorisedState, type PolicyRefusal } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { OpenRuns } from '../keys/open-runs.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import { RunInspection } from '../policies/run-inspection.js';
import { RunCourse, type TellerOf } from '../routes/run-course.js';
import { Spans } from '../spans/spans.js';
import { CLOCK } from '../tokens.js';
import type { CallPlan } from './call-plan.js';
import { CallReceipts } from './call-receipts.js';
import { JudgedLoop } from './judged-loop.js';
import type { RunSink } from './run-sink.js';

/** What came of a run: an answer without the members that its row adds. */
export type CallResult = Pick<AgentRunAnswer, 'text' | 'output' | 'steps' | 'usage' | 'served'> & {
  error: ClavigerError | null;
  /** Rules that what was said broke on the way, and that refused nothing. */
  noted: PolicyRefusal[];
  /** Its receipts: of a run with a budget they are written with its end. */
  calls: UsageEntry[];
};

/** Lease → call → settle. Never rejects: whatever happens, what was received is kept and what was used is recorded. */
@Injectable()
export class CallExecution {
  constructor(
    private readonly loop: JudgedLoop,
    private readonly openRuns: OpenRuns,
    private readonly receipts: CallReceipts,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly spans: Spans,
  ) {}

  async execute(asked: CallPlan, sink: RunSink): Promise<CallResult> {
    const { plan, end: spanEnds } = this.spans.run(asked, sink.id);
    const { request, state } = plan;
    const tellerOf: TellerOf = (leg) => this.spans.tellerOf(leg.request, leg.choice, sink.id);
    const course = new RunCourse(plan, this.clock.monotonicMs(), tellerOf);
    const { type = 'text' } = request.agent.output ?? {};
    const inspection = new RunInspection(plan.content, type !== 'text');
    const noted: PolicyRefusal[] = [];
    // What the run goes on with now must be allowed; a target that it has left need not be.
    const check = (now: AuthorisedState): void => course.check(now);
    const end = (error: ClavigerError): void => sink.abort(error);
    const unwatch = this.openRuns.add(
      { orgId: request.caller.orgId, stateKey: request.stateKey, check, end },
      state.stampMs,
    );
    const timer = setTimeout(() => sink.abort(tookTooLong(request.agent.timeoutMs)), request.agent.timeoutMs);
    let output: unknown = null;
    let error: ClavigerError | null = null;
    try {
      output = await this.loop.run({ course, sink, inspection, noted });
    } catch (thrown) {
      error = asClavigerError(sink.signal.aborted ? sink.signal.reason : thrown);
    } finally {
      clearTimeout(timer);
      plan.rates.end();
      unwatch();
    }
    const now = this.clock.monotonicMs();
    if (!course.isSettled) course.settled(this.receipts.settle(course.settlement(sink.id, error, now)));
    const { text, steps } = course.leg.record;
    const { served, calls, usage } = course;
    spanEnds(usage, error);
    return { text, output, steps, usage, served, error, calls, noted: [...noted, ...inspection.noted()] };
  }
}

function tookTooLong(timeoutMs: number): ClavigerError {
  return new ClavigerError(
    'upstream_timeout',
    `The run was not done within its ${timeoutMs} ms. Raise timeoutMs, or ask for less at once.`,
  );
}
