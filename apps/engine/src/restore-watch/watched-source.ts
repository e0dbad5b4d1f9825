import type { AuthorisedState, StateKey } from '#lib/contracts';
import type { RestoreWatch } from '#lib/persistence';
import type { StateSource } from '../keys/state-cache.js';

/**
 * Reads authorisations only while the database is the present one. Every call, stream and key action asks for a state of
 * at most two seconds, so this one place refuses them all. Checked after the read too: the database may change under it.
 */
export class WatchedSource implements StateSource {
  constructor(
    private readonly source: StateSource,
    private readonly watch: Pick<RestoreWatch, 'assertCurrent'>,
  ) {}

  async read(keys: StateKey[]): Promise<AuthorisedState[]> {
    this.watch.assertCurrent();
    const states = await this.source.read(keys);
    this.watch.assertCurrent();
    return states;
  }
}
