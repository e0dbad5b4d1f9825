import { Injectable } from '@nestjs/common';
import { notFound, type AgentRunAnswer, type RunStatus } from '#lib/contracts';
import type { Caller } from '../access/caller.js';
import { LiveRuns } from '../agent-runs/live-runs.js';
import type { RunEvent, RunHandle } from '../agent-runs/run-handle.js';
import { answerOf, isOver } from '../agent-runs/run-row.js';
import { ListenerGrace } from './listener-grace.js';
import { RunEventsStore } from './run-events.store.js';

/** How often a run of another process is looked at, in milliseconds; the pause grows from the first to the second while it is quiet. */
const LOOK_MS = { first: 60, last: 400 };
/** How long the last event of a run may come after the end in its row. */
const LAST_EVENT_MS = 1_500;
const LAST: ReadonlySet<string> = new Set(['run.finished', 'run.failed']);

/** Tells what a run says, whichever process has it, from any event on. */
@Injectable()
export class EventFollower {
  constructor(
    private readonly store: RunEventsStore,
    private readonly live: LiveRuns,
    private readonly grace: ListenerGrace,
  ) {}

  /**
   * Every event after the one numbered `after`; ends with the run's last one, or when it waits for its caller. What no row keeps and no
   * memory has is missing, and the last event says so (`contentKept`). Throws `not_found`.
   */
  async *follow(
    caller: Caller,
    runId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent, void> {
    let told: RunEvent = { id: after, name: 'run.started', data: {} };
    let overSince: number | undefined;
    for (let pause = LOOK_MS.first; !signal.aborted;) {
      const live = this.live.get(runId);
      const handle = live ?? this.live.recent(runId);
      const source = handle && handle.begins <= told.id + 1 ? this.#here(handle, told.id, signal) : null;
      if (source) {
        for await (const event of source) yield (told = event);
        // Of a run that is over here, that was all.
        if (isEnd(told) || signal.aborted || !live) return;
      }
      const sight = await this.store.since(caller.orgId, caller.workspaceId, runId, told.id, true);
      if (!sight) throw notFound();
      for (const event of sight.events) yield (told = event);
      if (isEnd(told)) return;
      if (sight.events.length > 0) {
        pause = LOOK_MS.first;
        continue;
      }
      if (isOver(sight.row.status)) {
        overSince ??= performance.now();
        const { last } = sight;
        // Heard before: whoever asks again has had all of it.
        if (last && isPause(last, sight.row.status) && last.id <= told.id) return;
        const isLate =
          !last || sight.row.status === 'outcome_unknown' || performance.now() - overSince > LAST_EVENT_MS;
        if (isLate) {
          yield lastEvent(answerOf(sight.row), told.id + 1);
          return;
        }
      } else overSince = undefined;
      await (live ? Promise.race([wait(pause), live.done]) : wait(pause));
      pause = Math.min(pause * 1.5, LOOK_MS.last);
    }
  }

  /** A run of this process, listened to: it goes on as long as somebody listens. */
  async *#here(handle: RunHandle, after: number, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
    const leave = handle.listen((alone) => this.grace.begin(alone));
    try {
      yield* handle.stream(signal, after);
    } finally {
      leave();
    }
  }
}

/** The event that an ended run has to tell to whoever has heard all the others, or none. */
export function lastEvent(answer: AgentRunAnswer, id = 1): RunEvent {
  const runId = answer.id;
  if (answer.error) return { id, name: 'run.failed', data: { ...answer.error, runId } };
  const name = answer.status === 'requires_action' ? 'run.requires_action' : 'run.finished';
  return { id, name, data: { runId, ...answer } };
}

function isEnd({ name }: RunEvent): boolean {
  return LAST.has(name);
}

/** Whether nothing comes after this event of a run of this status. */
function isPause(event: RunEvent, status: RunStatus): boolean {
  return isEnd(event) || (status === 'requires_action' && event.name === 'run.requires_action');
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
