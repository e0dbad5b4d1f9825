import { isIP, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { EgressGuard } from './guard.js';
import type { Target } from './target.js';
import { openTunnel, TunnelError } from './tunnel.js';
import type { Route } from './way-out.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens the connections of one organization to one target: to where the guard says, by the way that the operator chose. */
export class Connector {
  readonly #dial: buildConnector.connector;

  constructor(
    private readonly guard: EgressGuard,
    private readonly target: Target,
    private readonly orgId: string,
    private readonly timeoutMs = CONNECT_TIMEOUT_MS,
  ) {
    const { secureContext } = guard.wayOut;
    this.#dial = buildConnector({
      allowH2: false,
      timeout: timeoutMs,
      ...(secureContext && { secureContext }),
    });
  }

  /** A connected socket, TLS included. Tries each address in turn; throws what the last one failed with. */
  async open(options: buildConnector.Options): Promise<Socket> {
    let failure: unknown;
    for (const route of await this.guard.routesFor(this.target, this.orgId)) {
      try {
        return await (route.via === 'direct'
          ? this.#direct(route.address, options)
          : this.#tunnelled(route, options));
      } catch (error) {
        failure = error;
        if (error instanceof TunnelError && error.isItself) break;
      }
    }
    throw failure;
  }

  async #direct(address: string, options: buildConnector.Options): Promise<Socket> {
    const socket = await this.#connected({ ...options, hostname: address, servername: this.#tlsName() });
    try {
      await this.guard.checkPeer(this.target, address, socket.remoteAddress, this.orgId);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return socket;
  }

  /** The socket's peer is the proxy, which is the operator's. Who is behind it is proved by the certificate, asked for by name. */
  async #tunnelled(
    { proxy, host }: Extract<Route, { via: 'proxy' }>,
    options: buildConnector.Options,
  ): Promise<Socket> {
    const toProxy = {
      protocol: `${proxy.scheme}:`,
      hostname: proxy.host,
      host: proxy.host,
      port: String(proxy.port),
      ...(proxy.scheme === 'https' && !isIP(proxy.host) && { servername: proxy.host }),
    };
    const tunnel = await openTunnel(
      proxy,
      { host, port: this.target.port },
      { dial: () => this.#connected(toProxy), timeoutMs: this.timeoutMs },
    );
    try {
      return await this.#connected({
        ...options,
        hostname: host,
        servername: this.#tlsName(),
        httpSocket: tunnel,
      });
    } catch (error) {
      tunnel.destroy();
      throw error;
    }
  }

  /** Over plain http a server name would make undici resolve it again; for an address there is none. */
  #tlsName(): string | undefined {
    return this.target.scheme === 'https' && !isIP(this.target.host) ? this.target.host : undefined;
  }

  #connected(options: buildConnector.Options): Promise<Socket> {
    return new Promise((resolve, reject) => {
      this.#dial(options, (error, socket) => (error ? reject(error) : resolve(socket)));
    });
  }
}
