import { ClavigerError, type RunAttempt } from '#lib/contracts';
import { failureClassOf } from '#lib/providers';
import { MAX_PAUSE_MS } from '../rates/call-rates.js';
import { secondsOf } from '#lib/limits';
import { targetOf } from '../pipeline/call-receipts.js';
import type { Choice } from '../pipeline/decide.js';
import type { TurnedByVendor } from '../pipeline/dialler.js';
import type { RunSink } from '../pipeline/run-sink.js';
import { MOST_ATTEMPTS } from './failover.js';
import type { Itinerary, Stop } from './itinerary.js';
import type { RunCourse } from './run-course.js';

/**
 * Where the run goes next. Throws `failure` when nothing is left to try, or only what asks for a pause that is longer than a minute or
 * than the run has left; `too_many_attempts` when it was tried often enough.
 */
export function nextStop(
  itinerary: Pick<Itinerary, 'next' | 'attempts'>,
  failure: ClavigerError | null,
  nowMs: number,
  leftMs: number,
): Stop {
  const stop = itinerary.next(nowMs);
  if (!stop || stop.waitMs > Math.min(MAX_PAUSE_MS, leftMs)) throw failure ?? nothingLeft();
  if (itinerary.attempts >= MOST_ATTEMPTS) throw tooManyAttempts(failure);
  return stop;
}

/** How long a target may take until its first token: its own time, or its even share of what the run has left. */
export function shareOf(leftMs: number, targetsAfter: number, ownMs: number | null): number {
  return Math.max(1, Math.min(leftMs, ownMs ?? Math.floor(leftMs / (targetsAfter + 1))));
}

/** Says that the run tries again. Only what we know ourselves is told: a vendor's words may quote anything. */
export function tellRetry(sink: RunSink, waitMs: number, failure: ClavigerError | null): void {
  const inSeconds = waitMs > 0 ? secondsOf(waitMs) : 0;
  const why = failure ? (failureClassOf(failure) ?? failure.code) : 'rate_limited';
  const reason =
    inSeconds > 0 ? `rate-limited, retrying in ${inSeconds} s` : `${why}, going on with the next target`;
  sink.emit('run.retrying', { inSeconds, reason });
}

/** A run of one target waits where it is; one with others goes there, unless its answer has begun. */
export function turnedBy(course: RunCourse, isAlone: boolean): TurnedByVendor {
  const { record, plan } = course.leg;
  return {
    mayWait: () => isAlone || !record.saidNothing,
    waits: (upstreamRequestId, latencyMs) =>
      course.note(limitedAttempt(plan.choice, upstreamRequestId, latencyMs)),
  };
}

export function tooSlow({ provider }: Choice, ms: number): ClavigerError {
  return new ClavigerError(
    'upstream_timeout',
    `${provider.slug} did not begin to answer within the ${ms} ms that this target had. Raise its timeoutMs, or that of the run.`,
  );
}

function limitedAttempt(choice: Choice, upstreamRequestId: string | null, latencyMs: number): RunAttempt {
  const why = { code: 'rate_limited', reason: 'rate_limited' as const };
  return { ...targetOf(choice), outcome: 'failed', ...why, upstreamRequestId, latencyMs };
}

function tooManyAttempts(failure: ClavigerError | null): ClavigerError {
  const last = failure ? ` The last one: ${failure.message}` : '';
  return new ClavigerError(
    'too_many_attempts',
    `The model was asked ${MOST_ATTEMPTS} times, and no target of the run's routes began to answer.${last}`,
    { extras: { attempts: MOST_ATTEMPTS } },
  );
}

function nothingLeft(): ClavigerError {
  return new ClavigerError('no_provider_key', 'No target of the run’s routes may be used.');
}
