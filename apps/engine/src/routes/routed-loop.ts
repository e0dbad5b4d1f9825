import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type SealedCredential } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { backoffMs } from '#lib/limits';
import { KeyLeases } from '../keys/key-lease.js';
import { CallReceipts } from '../pipeline/call-receipts.js';
import { ModelLoop } from '../pipeline/model-loop.js';
import { CLOCK } from '../tokens.js';
import { AttemptSink } from './attempt-sink.js';
import { goesElsewhere, verdictOf } from './failover.js';
import { Itinerary } from './itinerary.js';
import { nextStop, shareOf, tellRetry, tooSlow, turnedBy } from './pauses.js';
import { RoutePlanner } from './route-planner.js';
import type { RoutedRun } from './routed-run.js';

/** Tries the targets of a run in their order until one of them begins to answer (PRODUCT #39). */
@Injectable()
export class RoutedLoop {
  constructor(
    private readonly leases: KeyLeases,
    private readonly loop: ModelLoop,
    private readonly planner: RoutePlanner,
    private readonly receipts: CallReceipts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Answers the output of the attempt that served. Throws the ClavigerError of the last one; its leg is the course's. */
  async run(run: RoutedRun): Promise<unknown> {
    const { routes = [] } = run.course.plan.request.agent;
    const itinerary = new Itinerary(routes.length + 1);
    let failure: ClavigerError | null = null;
    for (;;) {
      const index = routes.length === 0 ? 0 : await this.#go(run, itinerary, failure);
      try {
        return await this.#attempt(run, itinerary, index);
      } catch (thrown) {
        failure = asClavigerError(thrown);
        const { record } = run.course.leg;
        const isOver = routes.length === 0 || run.sink.signal.aborted;
        if (isOver || !goesElsewhere(failure, record.saidNothing)) throw thrown;
        this.#leave(run, itinerary, index, failure);
      }
    }
  }

  /** Goes to the next target that may be tried. Throws `failure` when there is none. */
  async #go(run: RoutedRun, itinerary: Itinerary, failure: ClavigerError | null): Promise<number> {
    const { course, sink } = run;
    const { routes = [] } = course.plan.request.agent;
    for (;;) {
      const stop = nextStop(itinerary, failure, this.clock.monotonicMs(), this.planner.leftMs(course));
      if (stop.waitMs > 0) tellRetry(sink, stop.waitMs, failure);
      if (stop.waitMs > 0) await sleep(stop.waitMs, undefined, { signal: sink.signal });
      const target = stop.index === 0 ? null : (routes[stop.index - 1] ?? null);
      const entered = await this.planner.enter(run, target, stop);
      if (entered === 'open') itinerary.passedOver(stop.index);
      else if (entered === 'refused') itinerary.spent(stop.index);
      else {
        if (entered !== course.leg.plan) course.go(entered, this.clock.monotonicMs());
        itinerary.tried();
        if (failure && stop.waitMs === 0) tellRetry(sink, 0, failure);
        return stop.index;
      }
    }
  }

  async #attempt(run: RoutedRun, itinerary: Itinerary, index: number): Promise<unknown> {
    const { course, sink, inspection, noted } = run;
    const { leg } = course;
    const { plan, record, sent } = leg;
    const { routes = [] } = plan.request.agent;
    const stops = new AbortController();
    const ownMs = routes[index - 1]?.timeoutMs ?? null;
    const share = shareOf(this.planner.leftMs(course), itinerary.freshBeside(index), ownMs);
    const isLate = (): void => void (record.saidNothing && stops.abort(tooSlow(plan.choice, share)));
    const timer = routes.length > 0 ? setTimeout(isLate, share) : undefined;
    const attempt = new AttemptSink(sink, course, stops.signal);
    const turned = turnedBy(course, routes.length === 0);
    const call = (credential: SealedCredential): Promise<unknown> =>
      this.loop.run({ plan, record, sent, inspection, noted, sink: attempt, credential, turned });
    let failure: ClavigerError | null = null;
    try {
      return await this.leases.use(plan.request.caller.orgId, plan.choice.assignment, call);
    } catch (thrown) {
      failure = asClavigerError(thrown);
      throw thrown;
    } finally {
      clearTimeout(timer);
      plan.rates.end();
      this.planner.note(leg, sink.signal.aborted ? null : verdictOf(failure));
    }
  }

  /** Settles the leg that failed, and notes when its target may be asked again. */
  #leave({ course, sink }: RoutedRun, itinerary: Itinerary, index: number, failure: ClavigerError): void {
    const now = this.clock.monotonicMs();
    course.settled(this.receipts.settle(course.settlement(sink.id, failure, now)));
    itinerary.spent(index);
    if (failure.code !== 'rate_limited') return;
    const asked = failure.extras?.['retryAfterSeconds'];
    const round = itinerary.timesLimited(index);
    const pauseMs = backoffMs(round, Math.random(), typeof asked === 'number' ? asked : null);
    itinerary.limited(index, now + pauseMs);
  }
}
