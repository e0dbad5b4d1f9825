import { types } from 'node:util';
import { Pool, type buildConnector, type Dispatcher } from 'undici';
import { Connector } from './connector.js';
import type { EgressGuard } from './guard.js';
import type { Target } from './target.js';

const MOST_POOLS = 512;

/**
 * Connection pools behind the guard, one per organization and origin: tenants never share a socket. Each connection goes
 * to an address that the guard judged, by number, so that no second DNS answer can change it, straight or through the
 * operator's own proxy; proxy variables of the environment play no part.
 */
export class Dialer {
  readonly #guard: EgressGuard;
  readonly #pools = new Map<string, Pool>();

  constructor(guard: EgressGuard) {
    this.#guard = guard;
  }

  dispatcher(target: Target, orgId: string): Dispatcher {
    const key = `${orgId} ${target.origin}`;
    const known = this.#pools.get(key);
    this.#pools.delete(key);
    const pool = known ?? this.#open(target, orgId);
    this.#pools.set(key, pool);
    this.#evict();
    return pool;
  }

  /** Ends every connection, running answers included. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #open(target: Target, orgId: string): Pool {
    return new Pool(target.origin, {
      connect: this.#connector(target, orgId),
      pipelining: 1,
      allowH2: false,
      // Both are the caller's to bound: see guarded-fetch.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  #connector(target: Target, orgId: string): buildConnector.connector {
    const connector = new Connector(this.#guard, target, orgId);
    return (options, callback) => {
      connector.open(options).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(types.isNativeError(error) ? error : new Error(String(error)), null),
      );
    };
  }

  /** Closes the least recently used pools; what runs on them still ends in peace. */
  #evict(): void {
    for (const [key, pool] of this.#pools) {
      if (this.#pools.size <= MOST_POOLS) return;
      this.#pools.delete(key);
      pool.close().catch(() => undefined);
    }
  }
}
