import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a connection may wait for its client's next request, in milliseconds: that one is answered, and told to be the last. */
const LAST_REQUEST_MS = 2_000;
const LOOK_EVERY_MS = 50;

/** Takes an HTTP server out of service without cutting anything that it has begun, not even a request that is on its way. */
export class Retirement {
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Set<ServerResponse>();
  /** Connections between two requests when it began. */
  #idle = new Set<Socket>();
  #began = false;

  /** Before the server listens. */
  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.prependListener('request', (request, response) => {
      this.#answers.add(response);
      response.once('close', () => this.#answers.delete(response));
      this.#idle.delete(request.socket);
      if (this.#began) response.shouldKeepAlive = false;
    });
  }

  /**
   * Takes no new connection from now on, answers what comes over those that are open, and has each of them closed. Resolves once all are and
   * `isIdle` says that nothing else is under way, or when `withinMs` have passed.
   */
  async retire(withinMs: number, isIdle: () => boolean): Promise<void> {
    if (this.#began) return;
    this.#began = true;
    // Not the server's own close: it would end connections between two requests, and with them a request on its way to us.
    NetServer.prototype.close.call(this.server);
    this.server.keepAliveTimeout = LAST_REQUEST_MS;
    this.#idle = new Set(this.#sockets);
    for (const answer of this.#answers) {
      if (answer.socket) this.#idle.delete(answer.socket);
      if (!answer.headersSent) answer.shouldKeepAlive = false;
    }
    const began = performance.now();
    while (performance.now() - began < withinMs) {
      if (performance.now() - began > LAST_REQUEST_MS) for (const socket of this.#idle) socket.destroy();
      if (this.#sockets.size === 0 && isIdle()) return;
      await sleep(LOOK_EVERY_MS);
    }
  }
}
