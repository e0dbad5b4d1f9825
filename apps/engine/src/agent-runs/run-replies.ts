import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AgentRunAnswer } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Caller } from '../access/caller.js';
import { EventFollower, lastEvent } from '../run-events/event-follower.js';
import { EventRecorder } from '../run-events/event-recorder.js';
import { left, ListenerGrace } from '../run-events/listener-grace.js';
import { writeEventStream } from './event-stream.js';
import { openStreams } from './open-streams.js';
import type { RunEvent, RunHandle } from './run-handle.js';
import { EngineStopping, ListenerWatch, refusalOf, untilRefused } from './listener-watch.js';
import { errorOfRun, runProblem } from './run-problem.js';
import { isOver } from './run-row.js';
import { RunWaiter } from './run-waiter.js';
import type { StartedRun } from './start-run.js';

/** Sends the answer of a run in the way that the caller asked for. */
@Injectable()
export class RunReplies {
  constructor(
    private readonly waiter: RunWaiter,
    private readonly follower: EventFollower,
    private readonly recorder: EventRecorder,
    private readonly grace: ListenerGrace,
    private readonly watch: ListenerWatch,
  ) {}

  /** Waits for the run's end. Throws the run's own problem when it failed. */
  async sync(caller: Caller, started: StartedRun, reply: FastifyReply): Promise<void> {
    const answer = await this.answer(caller, started, reply);
    if (answer.error) throw errorOfRun(answer);
    await reply.status(200).send(answer);
  }

  /** The answer of a run, whoever has it. One that nobody waits for any more is stopped. */
  async answer(caller: Caller, started: StartedRun, reply: FastifyReply): Promise<AgentRunAnswer> {
    const signal = this.#listening(reply);
    if (started.kind === 'here') {
      const end = (alone: RunHandle): void => alone.abort(refusalOf(signal) ?? left());
      leaveOn(signal, started.handle.listen(end));
    }
    return this.#answer(caller, started, signal);
  }

  /** 202 with the place where the answer will be; the run goes on without its caller. */
  async async(caller: Caller, started: StartedRun, reply: FastifyReply): Promise<void> {
    if (started.kind === 'over') return this.sync(caller, started, reply);
    const runId = started.kind === 'here' ? started.handle.id : started.runId;
    if (started.kind === 'here') started.handle.keepAlive();
    const location = `/internal/v1/workspaces/${caller.workspaceId}/agent-runs/${runId}`;
    const answer = await this.waiter.wait(caller, runId, 0);
    await reply.status(202).headers({ location, 'preference-applied': 'respond-async' }).send(answer);
  }

  /** The run's events as they come. From here on every failure is a frame: the status has been sent. */
  async stream(caller: Caller, started: StartedRun, reply: FastifyReply): Promise<void> {
    const signal = this.#listening(reply);
    if (started.kind === 'here') {
      leaveOn(
        signal,
        started.handle.listen((alone) => this.grace.begin(alone)),
      );
      this.recorder.record(started.handle);
    }
    await this.#send(
      reply,
      this.#toTheEnd(this.#events(caller, started, signal), signal, idOf(started), reply),
    );
  }

  /** What the run says after the event numbered `after`, whichever process has it. Throws `not_found`. */
  async follow(caller: Caller, runId: string, after: number, reply: FastifyReply): Promise<void> {
    await this.waiter.wait(caller, runId, 0);
    const signal = this.#listening(reply);
    const events = this.follower.follow(caller, runId, after, signal);
    await this.#send(reply, this.#toTheEnd(events, signal, runId, reply));
  }

  /** A stream that breaks off without its last event is cut, not ended: its reader asks for the rest. */
  async #send(reply: FastifyReply, events: AsyncIterable<RunEvent>): Promise<void> {
    void reply.hijack();
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    await openStreams.during(() => writeEventStream(reply.raw, events, headers));
  }

  async #answer(caller: Caller, started: StartedRun, signal: AbortSignal): Promise<AgentRunAnswer> {
    switch (started.kind) {
      case 'here': {
        const answer = await ownEnd(started.handle, signal);
        // It was put back: whichever process takes it up writes its end.
        return isOver(answer.status) ? answer : this.waiter.end(caller, answer.id, signal);
      }
      case 'over':
        if (isAllKept(started.answer)) return started.answer;
        return this.waiter.end(caller, started.answer.id, signal);
      case 'elsewhere':
        return this.waiter.end(caller, started.runId, signal);
    }
  }

  async *#events(caller: Caller, started: StartedRun, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
    if (started.kind === 'over' && isAllKept(started.answer)) {
      yield lastEvent(started.answer);
      return;
    }
    let after = 0;
    if (started.kind === 'here') {
      for await (const event of started.handle.stream(signal)) {
        after = event.id;
        yield event;
      }
      const { answer } = started.handle;
      if (!answer || isOver(answer.status)) return;
    }
    yield* this.follower.follow(caller, idOf(started), after, signal);
  }

  /** Every failure is a frame, and so is the end of the right to listen. Throws where the stream is to be cut. */
  async *#toTheEnd(
    events: AsyncIterable<RunEvent>,
    signal: AbortSignal,
    runId: string,
    { request }: FastifyReply,
  ): AsyncGenerator<RunEvent, void> {
    let last = 0;
    let failure: unknown = null;
    try {
      for await (const event of events) {
        last = event.id;
        yield event;
      }
    } catch (error) {
      failure = error;
    }
    failure = refusalOf(signal) ?? failure;
    if (failure === null) return;
    // The run goes on: this is no end of it.
    if (failure instanceof EngineStopping) throw failure;
    const data = runProblem(asClavigerError(failure), runId, request.id, request.url);
    yield { id: last + 1, name: 'run.failed', data };
  }

  /** Ends when the caller leaves, or may not listen any more. */
  #listening(reply: FastifyReply): AbortSignal {
    const leaving = new AbortController();
    const unwatch = this.watch.begin(leaving);
    onLeave(reply, () => {
      unwatch();
      leaving.abort();
    });
    return leaving.signal;
  }
}

function idOf(started: StartedRun): string {
  if (started.kind === 'elsewhere') return started.runId;
  return started.kind === 'here' ? started.handle.id : started.answer.id;
}

/** Else this process may have it still, for a moment. */
function isAllKept({ contentKept }: AgentRunAnswer): boolean {
  return contentKept !== false;
}

/** The run's end; or the refusal of one who may not listen any more to a run that goes on for others. */
async function ownEnd(handle: RunHandle, signal: AbortSignal): Promise<AgentRunAnswer> {
  try {
    return await Promise.race([handle.done, untilRefused(signal)]);
  } catch (refusal) {
    if (handle.signal.aborted) return handle.done;
    throw refusal;
  }
}

function leaveOn(signal: AbortSignal, leave: () => void): void {
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
}

function onLeave(reply: FastifyReply, fn: () => void): void {
  if (reply.raw.destroyed) fn();
  else reply.raw.once('close', fn);
}
