import type { AuthorisedState, StateKey } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { databaseUnreachable } from './keys.errors.js';
import type { StateSource } from './state-cache.js';

/** What knows the platform tier of a version. */
export interface Catalogues {
  reach(version: number): Promise<void>;
}

/**
 * Hands out states together with the platform tier that they go with: whoever holds a state of at most two seconds judges it by
 * a catalogue that is no older. So an operator's change is fenced like a tenant's (CUSTODY §4).
 */
export class CataloguedSource implements StateSource {
  constructor(
    private readonly source: StateSource,
    private readonly catalogues: Catalogues,
  ) {}

  async read(keys: StateKey[]): Promise<AuthorisedState[]> {
    const states = await this.source.read(keys);
    try {
      await this.catalogues.reach(Math.max(0, ...states.map((state) => state.catalogueVersion)));
    } catch (error) {
      throw asClavigerError(error).code === 'internal' ? databaseUnreachable(error) : error;
    }
    return states;
  }
}
