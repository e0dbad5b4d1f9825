import { Injectable } from '@nestjs/common';
import { notFound, type AgentRunAnswer } from '#lib/contracts';
import { isId } from '#lib/kernel';
import type { Caller } from '../access/caller.js';
import { cancelledOnRequest } from '../run-queue/cancel-watch.js';
import { RunQueueStore } from '../run-queue/run-queue.store.js';
import { LiveRuns } from './live-runs.js';
import { isFinal } from './run-row.js';
import { RunWaiter } from './run-waiter.js';

/** How long whoever cancels waits for the process that has the run, in milliseconds. */
const STOPS_WITHIN_MS = 5_000;

/** Stops runs, whichever process has them. */
@Injectable()
export class RunCancellation {
  constructor(
    private readonly store: RunQueueStore,
    private readonly live: LiveRuns,
    private readonly waiter: RunWaiter,
  ) {}

  /** The run as it ended, or as it is when its process does not answer: it stops when that does. One that is over stays as it is. */
  async cancel(
    caller: Caller,
    id: string,
    asked: { requestId: string; ip: string },
  ): Promise<AgentRunAnswer> {
    if (!isId('run', id)) throw notFound();
    const answer = await this.waiter.wait(caller, id, 0);
    if (isFinal(answer.status)) return answer;
    this.live.get(id)?.abort(cancelledOnRequest());
    const { orgId, workspaceId, actor } = caller;
    await this.store.requestCancel({ orgId, workspaceId, runId: id, actor, ...asked });
    return this.waiter.wait(caller, id, STOPS_WITHIN_MS);
  }
}
