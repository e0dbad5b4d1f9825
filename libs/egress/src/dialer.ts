import { isIP, type Socket } from 'node:net';
import { types } from 'node:util';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import type { EgressGuard } from './guard.js';
import type { Target } from './target.js';

const CONNECT_TIMEOUT_MS = 10_000;
const MOST_POOLS = 512;

/**
 * Connection pools behind the guard, one per organization and origin: tenants never share a socket. Each connection goes
 * to an address that the guard judged, by number, so that no second DNS answer can change it; proxy variables of the
 * environment play no part.
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
    const dial = buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT_MS });
    const connect = async (options: buildConnector.Options): Promise<Socket> => {
      const addresses = await this.#guard.addressesFor(target, orgId);
      let failure: unknown;
      for (const address of addresses) {
        try {
          const servername = isIP(target.host) ? undefined : target.host;
          const socket = await connected(dial, {
            ...options,
            hostname: address,
            servername: tlsName(target, servername),
          });
          await this.#checkPeer(socket, target, address, orgId);
          return socket;
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    };
    return (options, callback) => {
      connect(options).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(types.isNativeError(error) ? error : new Error(String(error)), null),
      );
    };
  }

  async #checkPeer(socket: Socket, target: Target, dialled: string, orgId: string): Promise<void> {
    try {
      await this.#guard.checkPeer(target, dialled, socket.remoteAddress, orgId);
    } catch (error) {
      socket.destroy();
      throw error;
    }
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

/** Over plain http a server name would make undici resolve it again. */
function tlsName(target: Target, servername: string | undefined): string | undefined {
  return target.scheme === 'https' ? servername : undefined;
}

function connected(dial: buildConnector.connector, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    dial(options, (error, socket) => (error ? reject(error) : resolve(socket)));
  });
}
