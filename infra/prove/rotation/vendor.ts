import type { NeutralCall, ScriptedAnswer } from '#lib/testing';
import { SLOWLY } from '../series/runs.js';

const SLOW: ScriptedAnswer = { text: ['one ', 'two ', 'three ', 'four'], pieceDelayMs: 300 };

/** A vendor that knows which keys were given up: from then on they are refused, as its console does. */
export class Vendor {
  readonly #refused = new Set<string>();
  /** Calls that came with a refused key. */
  turnedAway = 0;

  refuse(key: string): void {
    this.#refused.add(key);
  }

  readonly answer = (call: NeutralCall): ScriptedAnswer => {
    if (call.key !== null && this.#refused.has(call.key)) {
      this.turnedAway += 1;
      return { status: 401, message: 'API key not valid. Please pass a valid API key.' };
    }
    return call.lastUserText === SLOWLY ? SLOW : { text: 'Hello.' };
  };
}
