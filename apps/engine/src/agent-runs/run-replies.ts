import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ClavigerError, type AgentRunAnswer } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Caller } from '../access/caller.js';
import { writeEventStream } from './event-stream.js';
import type { RunEvent } from './run-handle.js';
import { errorOfRun, runProblem } from './run-problem.js';
import { RunWaiter } from './run-waiter.js';
import type { StartedRun } from './start-run.js';

export type ReplyMode = 'sync' | 'stream' | 'async';

/** Sends the answer of a run in the way that the caller asked for. */
@Injectable()
export class RunReplies {
  constructor(private readonly waiter: RunWaiter) {}

  /** Waits for the run's end. Throws the run's own problem when it failed. */
  async sync(caller: Caller, started: StartedRun, reply: FastifyReply): Promise<void> {
    const leaving = new AbortController();
    const leave = started.kind === 'here' ? started.handle.listen(cancelled) : undefined;
    onLeave(reply, () => {
      leave?.();
      leaving.abort();
    });
    const answer = await this.#answer(caller, started, leaving.signal);
    if (answer.error) throw errorOfRun(answer);
    await reply.status(200).send(answer);
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
    const leaving = new AbortController();
    const leave = started.kind === 'here' ? started.handle.listen(cancelled) : undefined;
    onLeave(reply, () => {
      leave?.();
      leaving.abort();
    });
    void reply.hijack();
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    await writeEventStream(reply.raw, this.#events(caller, started, leaving.signal, reply), headers);
  }

  async #answer(caller: Caller, started: StartedRun, signal: AbortSignal): Promise<AgentRunAnswer> {
    switch (started.kind) {
      case 'here':
        return started.handle.done;
      case 'over':
        return started.answer;
      case 'elsewhere':
        return this.waiter.end(caller, started.runId, signal);
    }
  }

  async *#events(
    caller: Caller,
    started: StartedRun,
    signal: AbortSignal,
    reply: FastifyReply,
  ): AsyncGenerator<RunEvent, void> {
    if (started.kind === 'here') {
      yield* started.handle.stream(signal);
      return;
    }
    try {
      yield lastEvent(await this.#answer(caller, started, signal));
    } catch (error) {
      const runId = started.kind === 'elsewhere' ? started.runId : started.answer.id;
      const data = runProblem(asClavigerError(error), runId, reply.request.id, reply.request.url);
      yield { id: 1, name: 'run.failed', data };
    }
  }
}

/** The one event that a joined run of another process, or a finished one, has to tell. */
function lastEvent(answer: AgentRunAnswer): RunEvent {
  const runId = answer.id;
  if (answer.error) return { id: 1, name: 'run.failed', data: { ...answer.error, runId } };
  return { id: 1, name: 'run.finished', data: { runId, ...answer } };
}

function onLeave(reply: FastifyReply, fn: () => void): void {
  if (reply.raw.destroyed) fn();
  else reply.raw.once('close', fn);
}

function cancelled(): Error {
  return new ClavigerError(
    'run_cancelled',
    'The caller closed the connection before the run was done, so it was stopped.',
  );
}
