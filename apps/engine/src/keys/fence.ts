import type { AuthorisedState, StateKey } from '#lib/contracts';
import type { StateCache } from './state-cache.js';

/** Throws the named error of the first gate that a state no longer passes. */
export type GateCheck = (state: AuthorisedState) => void;

/**
 * The last question before bytes leave (CUSTODY §4), asked with a connected socket right before headers are written. With a state
 * of at most two seconds it answers at once: returning sends, throwing sends nothing. Otherwise it reads the state, and is asked
 * again when that is done, because the wait itself may have taken longer than the state may live.
 */
export function fence(
  cache: Pick<StateCache, 'peek' | 'get'>,
  key: StateKey,
  check: GateCheck,
): () => void | Promise<void> {
  return () => {
    const state = cache.peek(key);
    if (state) return check(state);
    // Checked here as well: a principal that is gone is not remembered, so asking again would never find it.
    return cache.get(key).then(check);
  };
}
