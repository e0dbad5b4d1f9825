import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#lib/kernel';
import type { CallPlan } from '../pipeline/call-plan.js';
import { Spans } from '../spans/spans.js';
import { CLOCK } from '../tokens.js';
import { RunCourse } from './run-course.js';

/** Begins the courses of runs: by which clock they are timed, and who is told of their calls. */
@Injectable()
export class RunCourses {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly spans: Spans,
  ) {}

  /** Begins the span of a run; answers the plan with which it goes on below it, and what ends it. */
  open(asked: CallPlan, runId: string): ReturnType<Spans['run']> {
    return this.spans.run(asked, runId);
  }

  begin(plan: CallPlan, runId: string): RunCourse {
    return new RunCourse(plan, this.nowMs(), (leg) => this.spans.tellerOf(leg.request, leg.choice, runId));
  }

  nowMs(): number {
    return this.clock.monotonicMs();
  }
}
