import type { Catalogue } from '#lib/catalog';
import type { AuthorisedState } from '#lib/contracts';
import type { Choice } from '../pipeline/decide.js';

/** For so long a decision stands for equal calls: gates that open or close by the clock do so at most this much later. */
const STANDS_MS = 100;
/** Callers name models as they like: more than so many different questions in one state are not remembered. */
const MOST = 64;

/** All that a decision depends on beside the state. A call with tools of its own is decided by itself. */
export interface Question {
  catalogue: Catalogue;
  model: string;
  maxOutputTokens: number | null;
  now: Date;
}

interface Decision {
  choice: Choice;
  catalogue: Catalogue;
  atMs: number;
}

/**
 * Remembers which key and model equal calls were given a moment ago. A state is never changed once it was read, so what it allowed it
 * still allows; a newer state has nothing remembered. Refusals are not remembered.
 */
export class Decisions {
  readonly #byState = new WeakMap<AuthorisedState, Map<string, Decision>>();

  choice(state: AuthorisedState, question: Question, decide: () => Choice): Choice {
    const { catalogue, model, maxOutputTokens, now } = question;
    const name = `${maxOutputTokens ?? ''} ${model}`;
    const known = this.#byState.get(state);
    const found = known?.get(name);
    const ageMs = found ? now.getTime() - found.atMs : -1;
    if (found && found.catalogue === catalogue && ageMs >= 0 && ageMs < STANDS_MS) return found.choice;
    const choice = decide();
    const kept = known && known.size < MOST ? known : new Map<string, Decision>();
    if (kept !== known) this.#byState.set(state, kept);
    kept.set(name, { choice, catalogue, atMs: now.getTime() });
    return choice;
  }
}
