import { Injectable } from '@nestjs/common';
import { ClavigerError, notFound, type AgentRunAnswer } from '#lib/contracts';
import { isId } from '#lib/kernel';
import type { Caller } from '../access/caller.js';
import { within } from '../within.js';
import { AgentRunsStore } from './agent-runs.store.js';
import { ListenerWatch, refusalOf } from './listener-watch.js';
import { LiveRuns } from './live-runs.js';
import { answerOf, isOver, type RunRow } from './run-row.js';

/** How often a run of another process is looked at, in milliseconds; the pause grows from the first to the second. */
const POLL_MS = { first: 50, last: 500 };
/** How long after the end in its row a run of this process may take to tell its answer, in milliseconds. */
const TELLS_WITHIN_MS = 1_500;

/** Waits for runs, whichever process has them: one of this process tells by itself, another's row is polled. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly store: AgentRunsStore,
    private readonly live: LiveRuns,
    private readonly watch: ListenerWatch,
  ) {}

  /**
   * The run's answer as it is when it is over or `waitMs` have passed or `signal` aborts; whoever does not wait is told what is kept of it.
   * Throws `not_found`.
   */
  async wait(caller: Caller, runId: string, waitMs: number, signal?: AbortSignal): Promise<AgentRunAnswer> {
    const until = performance.now() + waitMs;
    if (!isId('run', runId)) throw notFound();
    for (let pause = POLL_MS.first; ; pause = Math.min(pause * 1.5, POLL_MS.last)) {
      const row = await this.store.find(caller.orgId, caller.workspaceId, runId);
      if (!row) throw notFound();
      const left = until - performance.now();
      if (isOver(row.status) && waitMs > 0) return this.#ended(row, runId);
      if (isOver(row.status) || left <= 0 || signal?.aborted) return answerOf(row);
      await this.#pause(runId, Math.min(pause, left));
    }
  }

  /** As `wait`, for a caller who is watched meanwhile: whose right to look ends is told so in place of an answer. */
  async watched(caller: Caller, runId: string, waitMs: number): Promise<AgentRunAnswer> {
    const leaving = new AbortController();
    const unwatch = this.watch.begin(leaving);
    try {
      const answer = await this.wait(caller, runId, waitMs, leaving.signal);
      const refusal = refusalOf(leaving.signal);
      if (refusal) throw refusal;
      return answer;
    } finally {
      unwatch();
    }
  }

  /** Waits for the end of another process's run, as long as the caller stays. */
  async end(caller: Caller, runId: string, signal: AbortSignal): Promise<AgentRunAnswer> {
    const answer = await this.wait(caller, runId, Number.POSITIVE_INFINITY, signal);
    const refusal = refusalOf(signal);
    if (refusal) throw refusal;
    if (isOver(answer.status)) return answer;
    throw new ClavigerError('run_cancelled', 'The caller went away.', { extras: { runId } });
  }

  /** What a policy lets no row keep is told by the process that ran it, as long as that has it. */
  async #ended(row: RunRow, runId: string): Promise<AgentRunAnswer> {
    const kept = answerOf(row);
    if (kept.contentKept !== false) return kept;
    const handle = this.live.get(runId) ?? this.live.recent(runId);
    const late = (): Error => new Error('late');
    const told = handle && (await within(handle.done, TELLS_WITHIN_MS, late).catch(() => null));
    // Somebody else may have written another end than this process came to.
    return told?.status === row.status ? told : kept;
  }

  async #pause(runId: string, ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    const handle = this.live.get(runId);
    // Without one there is nothing to race: an undefined among the promises would win at once.
    await (handle ? Promise.race([pause, handle.done]) : pause);
    clearTimeout(timer);
  }
}
