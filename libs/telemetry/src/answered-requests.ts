import type { IncomingHttpHeaders } from 'node:http';

/** What is used of a Fastify request: the matched route's pattern, never the raw URL, whose query may hold anything. */
export interface RoutedRequest {
  /** The request's id: the context of the call is gone when its answer is out. */
  id: string;
  ip: string;
  headers: IncomingHttpHeaders;
  method: string;
  routeOptions: { url?: string };
}

export interface HookableServer {
  addHook(
    name: 'onResponse',
    hook: (
      request: RoutedRequest,
      reply: { statusCode: number; elapsedTime: number },
      done: () => void,
    ) => void,
  ): unknown;
}

/** What is told of a request when its answer is out. */
export interface Answered {
  method: string;
  /** The route's pattern; `unmatched` for what no route took. */
  route: string;
  status: number;
  /** Milliseconds. */
  elapsedMs: number;
}

/** Tells every answered request. */
export function onAnswered(
  server: HookableServer,
  told: (answered: Answered, request: RoutedRequest) => void,
): void {
  server.addHook('onResponse', (request, { statusCode: status, elapsedTime: elapsedMs }, done) => {
    const { method, routeOptions } = request;
    told({ method, route: routeOptions.url ?? 'unmatched', status, elapsedMs }, request);
    done();
  });
}
