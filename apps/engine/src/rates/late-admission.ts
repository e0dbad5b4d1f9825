import { asClavigerError } from '#lib/http';
import type { CallRates } from './call-rates.js';

/**
 * Room in the rates of a run is taken when its row is (`inside` the transaction that does), so that of equal posts only the one that has
 * the node execution takes any. A store of rates that does not answer must not hold connections of the database meanwhile: once that was
 * seen, room is asked for `before` the transaction, until the store has answered.
 */
export class LateAdmission {
  #isSilent = false;

  /** @throws ClavigerError rate_limited, overloaded */
  async before(rates: CallRates): Promise<void> {
    if (!this.#isSilent) return;
    await this.#admit(rates);
  }

  /** @throws ClavigerError rate_limited, overloaded */
  inside(rates: CallRates): Promise<void> {
    return this.#admit(rates);
  }

  async #admit(rates: CallRates): Promise<void> {
    try {
      await rates.admit();
      this.#isSilent = false;
    } catch (error) {
      this.#isSilent = asClavigerError(error).code === 'overloaded';
      throw error;
    }
  }
}
