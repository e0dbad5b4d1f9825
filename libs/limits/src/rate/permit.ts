import { RATE_METRICS } from '#lib/contracts';
import type { Units } from './bucket.js';
import type { Lane } from './lane.js';

/** The right to send one request. It ends once: settled with what the call used, or given back unused. */
export class Permit {
  /** For calls that no limit concerns. */
  static readonly UNLIMITED = new Permit([], [], 0);
  readonly #lanes: readonly Lane[];
  readonly #needs: readonly Units[];
  readonly #slots: readonly Units[];
  #isOver = false;

  constructor(
    lanes: readonly Lane[],
    needs: readonly Units[],
    readonly takenAtMs: number,
  ) {
    this.#lanes = lanes;
    this.#needs = needs;
    this.#slots = lanes.map((lane) => ({ ...lane.slots }));
  }

  /** Corrects the estimate to the tokens that the call used. */
  settle(tokens: number): void {
    this.#end((lane, need, slots) => lane.giveBack('tpm', slots.tpm, need.tpm - tokens));
  }

  /** Nothing was sent: the room is free again. */
  release(): void {
    this.#end((lane, need, slots) => {
      for (const metric of RATE_METRICS) lane.giveBack(metric, slots[metric], need[metric]);
    });
  }

  #end(each: (lane: Lane, need: Units, slots: Units) => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lanes.forEach((lane, at) => each(lane, this.#needs[at]!, this.#slots[at]!));
  }
}
