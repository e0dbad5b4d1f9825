import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '#lib/telemetry';
import type { RunEvent, RunHandle } from '../agent-runs/run-handle.js';
import { RunEventsStore } from './run-events.store.js';

/** How long what was said waits for more, in milliseconds, and how much is written at once at most. */
const GATHER_MS = 150;
const BATCH = 500;

/** Keeps what a run says, for whoever listens through another process or comes back: where all of a run may be kept, else nothing. */
@Injectable()
export class EventRecorder implements BeforeApplicationShutdown {
  readonly #recording = new Map<RunHandle, Promise<void>>();

  constructor(
    private readonly store: RunEventsStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** From the first event on, until the run ends here. Calling it again changes nothing. */
  record(handle: RunHandle): void {
    if (this.#recording.has(handle)) return;
    const recording = this.#record(handle).catch((error: unknown) => {
      this.log.warn({ runId: handle.id, err: error }, 'the events of a run could not be kept');
    });
    this.#recording.set(handle, recording);
    void recording.then(() => this.#recording.delete(handle));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#recording.values());
  }

  async #record(handle: RunHandle): Promise<void> {
    let batch: RunEvent[] = [];
    for (let at = 0; ;) {
      batch = handle.events.slice(at, at + BATCH);
      // A policy that came in meanwhile may keep less: what was not written by then is not written.
      if (handle.facts.retention() !== 'full') return;
      if (batch.length > 0) await this.store.append(handle, batch);
      at += batch.length;
      if (at < handle.events.length) continue;
      if (handle.answer) return;
      await handle.nextEvent();
      await Promise.race([handle.done, pause(GATHER_MS)]);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
