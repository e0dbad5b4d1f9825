import { Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type AuthorisedState, type PolicyRefusal } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { OpenRuns } from '../keys/open-runs.js';
import type { UsageEntry } from '../metering/usage-entry.js';
import { RunInspection } from '../policies/run-inspection.js';
import { RunCourses } from '../routes/run-courses.js';
import { ApprovedCalls, type AnsweredCall } from '../tools/approved-calls.js';
import { answeredAgent } from '../run-pauses/conversation.js';
import type { CallPlan } from './call-plan.js';
import { CallReceipts } from './call-receipts.js';
import { JudgedLoop } from './judged-loop.js';
import type { RunSink } from './run-sink.js';

/** What came of a run: an answer without the members that its row adds. */
export type CallResult = Pick<
  AgentRunAnswer,
  'text' | 'output' | 'steps' | 'usage' | 'served' | 'stopReason'
> & {
  error: ClavigerError | null;
  /** Rules that what was said broke on the way, and that refused nothing. */
  noted: PolicyRefusal[];
  /** Calls that somebody had approved, made before the model was asked. */
  answered: AnsweredCall[];
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
    private readonly approved: ApprovedCalls,
    private readonly courses: RunCourses,
  ) {}

  async execute(asked: CallPlan, sink: RunSink): Promise<CallResult> {
    const { plan, end: spanEnds } = this.courses.open(asked, sink.id);
    const { request, state } = plan;
    let course = this.courses.begin(plan, sink.id);
    const { type = 'text' } = request.agent.output ?? {};
    const inspection = new RunInspection(plan.content, type !== 'text');
    const noted: PolicyRefusal[] = [];
    const answered: AnsweredCall[] = [];
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
      await this.approved.make({ plan, sink, inspection, noted }, answered);
      if (answered.length > 0) course = this.courses.begin(withAnswers(plan, answered), sink.id);
      output = await this.loop.run({ course, sink, inspection, noted });
    } catch (thrown) {
      error = asClavigerError(sink.signal.aborted ? sink.signal.reason : thrown);
    } finally {
      clearTimeout(timer);
      plan.rates.end();
      unwatch();
    }
    if (!course.isSettled)
      course.settled(this.receipts.settle(course.settlement(sink.id, error, this.courses.nowMs())));
    const { text, steps, stopReason } = course.leg.record;
    const { served, calls, usage } = course;
    spanEnds(usage, error);
    const found = [...noted, ...inspection.noted()];
    const why = error === null && stopReason ? { stopReason } : {};
    return { text, output, steps, usage, served, ...why, error, calls, answered, noted: found };
  }
}

function tookTooLong(timeoutMs: number): ClavigerError {
  return new ClavigerError(
    'upstream_timeout',
    `The run was not done within its ${timeoutMs} ms. Raise timeoutMs, or ask for less at once.`,
  );
}

/** The call with what came of its approved calls where the conversation has room for it. */
function withAnswers(plan: CallPlan, answered: readonly AnsweredCall[]): CallPlan {
  const { request } = plan;
  return { ...plan, request: { ...request, agent: answeredAgent(request.agent, answered) } };
}
