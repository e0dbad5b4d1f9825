import type { AgentRunAnswer } from '#lib/contracts';
import { RunHandle } from './run-handle.js';

/** How long what a run said outlives its end in memory, in milliseconds: what a listener has to come back, and a wait of the SDK. */
const KEPT_MS = 35_000;
const MOST_RUNS = 5_000;
/** Of JSON; a character may take two bytes. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

interface RecentRun {
  handle: RunHandle;
  characters: number;
  timer: NodeJS.Timeout;
}

/**
 * Runs of this process that are over and of which no row has the answer, by the policies of their organization: for those who wait, join or
 * were cut off. In memory alone, for a moment, and no more than so many; the oldest give way (ADR 0047).
 */
export class RecentRuns {
  readonly #runs = new Map<string, RecentRun>();
  #characters = 0;

  get(runId: string): RunHandle | undefined {
    return this.#runs.get(runId)?.handle;
  }

  /** Takes in a run that has ended with `answer`, if that is less than all in its row, and if it told anything. */
  add(ended: RunHandle, answer: AgentRunAnswer): void {
    const { retention } = answer;
    if (!retention || ended.events.length === 0) return;
    this.#forget(ended.id);
    const handle = ended.asTold(retention, answer);
    const timer = setTimeout(() => this.#forget(ended.id), KEPT_MS).unref();
    const characters = JSON.stringify([handle.events, answer]).length;
    this.#runs.set(ended.id, { handle, characters, timer });
    this.#characters += characters;
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= MOST_RUNS && this.#characters <= MOST_CHARACTERS) return;
      this.#forget(oldest);
    }
  }

  #forget(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    clearTimeout(run.timer);
    this.#characters -= run.characters;
    this.#runs.delete(runId);
  }
}
