import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { newRequestStore, requestIdFrom, type RequestStore } from './request-context.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { traceContextFrom, traceparentOf } from './trace-context.js';

/** Takes a request before the router sees it; false: it is not one of its own. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Puts `front` before the router of a server: what it takes pays for no hook, no parser and no reply of a framework (ADR 0046).
 * Call it before the server listens.
 */
export function putInFront(server: Server, front: Front): void {
  const listeners = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (front(request, response)) return;
    for (const listener of listeners) listener.call(server, request, response);
  });
}

/** A request that is answered by hand, and what it is known by. */
export class RawExchange {
  /** Whether the log has a line of it already. */
  isTold = false;

  private constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly store: RequestStore,
  ) {}

  static open(request: IncomingMessage, response: ServerResponse): RawExchange {
    const { headers } = request;
    const id = requestIdFrom(headers['x-request-id']);
    const store = newRequestStore(id, null, traceContextFrom(headers['traceparent']));
    return new RawExchange(request, response, store);
  }

  /** One that a router had already begun with. */
  static goOn(request: IncomingMessage, response: ServerResponse, store: RequestStore): RawExchange {
    return new RawExchange(request, response, store);
  }

  get id(): string {
    return this.store.requestId;
  }

  /** The path that was asked for, without its query, which may hold anything. */
  get path(): string {
    const { url = '/' } = this.request;
    const query = url.indexOf('?');
    return query === -1 ? url : url.slice(0, query);
  }

  /** What every answer of a process says, as names and values in turn. */
  get headers(): string[] {
    const { requestId, trace } = this.store;
    return [...SECURITY_LIST, 'x-request-id', requestId, 'traceparent', traceparentOf(trace)];
  }
}

const SECURITY_LIST = Object.entries(SECURITY_HEADERS).flat();
