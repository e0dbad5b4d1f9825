import type { AuthorisedState, StateKey } from '#lib/contracts';
import type { ManualClock } from '#lib/kernel';
import { gateAssignment, gateState } from '#lib/testing';

export const KEY: StateKey = { workspaceId: 'ws_1', principal: { tokenHash: Buffer.alloc(32, 1) } };

/** The organization that the states belong to: what a notification names. */
export const ORG_ID = gateState([]).org?.id ?? '';

/** A database of one state, which can be revoked, slow, silent or away. */
export class SourceOfStates {
  reads = 0;
  down = false;
  unknown = false;
  onRead: () => void = () => undefined;
  #assignments = [gateAssignment('openai')];
  #held: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(private readonly clock: ManualClock) {}

  revoke(): void {
    this.#assignments = [];
  }

  /** Queries from now on wait for `release`; what they answer is what was true when they were sent. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  async read(keys: StateKey[]): Promise<AuthorisedState[]> {
    this.reads += 1;
    const stampMs = this.clock.monotonicMs();
    const states = keys.map(() => this.#state(stampMs));
    this.onRead();
    await this.#held;
    if (this.down) throw new Error('connection refused');
    return states;
  }

  #state(stampMs: number): AuthorisedState {
    const state = gateState(this.#assignments, { stampMs });
    return this.unknown ? { ...state, principal: null } : state;
  }
}
