import { Inject, Injectable } from '@nestjs/common';
import { callBaseUrl } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { NO_USE, addUse, type QuotaUse } from '#lib/limits';
import type { RouteTarget } from '../pipeline/agent-spec.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import { targetOf } from '../pipeline/call-receipts.js';
import type { Choice } from '../pipeline/decide.js';
import { CLOCK } from '../tokens.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { concernsTarget } from './failover.js';
import { RunCourse } from './run-course.js';
import { TargetPlans, type ChosenTarget } from './target-plans.js';
import type { RoutedRun } from './routed-run.js';

/** Decides whether a target may be tried now, and makes its plan. Targets that may not are told of as attempts that were skipped. */
@Injectable()
export class RoutePlanner {
  constructor(
    private readonly plans: TargetPlans,
    private readonly breaker: CircuitBreaker,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The plan of a target; `open`: its circuit is; `refused`: by its gates. Throws what concerns the run and not the target. */
  async enter(
    run: RoutedRun,
    target: RouteTarget | null,
    { forced }: { forced: boolean },
  ): Promise<CallPlan | 'open' | 'refused'> {
    const { course, sink, noted } = run;
    // The first target went through its gates when the run was prepared.
    const isFirst = !target && course.isUnused;
    let chosen: ChosenTarget | null = null;
    try {
      chosen = isFirst
        ? course.plan
        : await this.plans.choose(course.plan, target ?? same(course.plan.choice));
      if (!forced && !this.breaker.allows(placeOf(chosen.choice))) {
        course.note(skipped(chosen.choice, null));
        return 'open';
      }
      if (isFirst) return course.plan;
      noted.push(...this.plans.mild(course.plan, chosen));
      const underWay = { runId: sink.id, holds: course.plan.budget !== null, used: usedBy(course) };
      return await this.plans.ready(course.plan, chosen, this.leftMs(course), underWay);
    } catch (thrown) {
      const error = asClavigerError(thrown);
      if (chosen) this.breaker.note(placeOf(chosen.choice), null);
      if (!concernsTarget(error)) throw error;
      course.note(skipped(chosen?.choice ?? null, error));
      return 'refused';
    }
  }

  /** What the end of a leg says of the place that it went to. */
  note({ plan }: { plan: CallPlan }, verdict: 'well' | 'ill' | null): void {
    this.breaker.note(placeOf(plan.choice), verdict);
  }

  /** Milliseconds that the run has left of its time. */
  leftMs(course: RunCourse): number {
    const over = course.startedMs + course.plan.request.agent.timeoutMs;
    return Math.max(1, Math.round(over - this.clock.monotonicMs()));
  }
}

/** A key and the host that it goes to: of one key a proxy may be down, of one host a single key may be ill. */
function placeOf({ assignment, provider }: Choice): string {
  const url = callBaseUrl(provider, assignment.baseUrl, assignment.config) ?? '';
  return `${assignment.aiProviderId} ${URL.canParse(url) ? new URL(url).host : ''}`;
}

/** A choice as a target: that key and model, through the gates again. */
function same({ assignment, model }: Choice): RouteTarget {
  return { aiProviderId: assignment.aiProviderId, model };
}

function usedBy(course: RunCourse): QuotaUse {
  return course.calls
    .map(({ tokens, costMicroUsd }) => ({
      inputTokens: tokens.inputTokens,
      outputTokens: tokens.outputTokens,
      costMicroUsd: costMicroUsd ?? 0,
    }))
    .reduce(addUse, NO_USE);
}

function skipped(choice: Choice | null, error: ClavigerError | null) {
  const who = choice ? targetOf(choice) : { aiProviderId: null, provider: null, model: null };
  const why = error
    ? { code: error.code, reason: 'gate' as const }
    : { code: null, reason: 'circuit_open' as const };
  return { ...who, outcome: 'skipped' as const, ...why, upstreamRequestId: null, latencyMs: 0 };
}
