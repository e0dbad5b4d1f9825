import type { Metrics } from './metrics.js';

interface RoutedRequest {
  method: string;
  routeOptions: { url?: string };
}

interface TimedReply {
  statusCode: number;
  elapsedTime: number;
}

interface HookableServer {
  addHook(
    name: 'onResponse',
    hook: (request: RoutedRequest, reply: TimedReply, done: () => void) => void,
  ): unknown;
}

/** Measures every answered request under its route's pattern; what no route took is `unmatched`. */
export function countRequests(server: HookableServer, metrics: Pick<Metrics, 'httpRequest'>): void {
  server.addHook('onResponse', (request, reply, done) => {
    metrics.httpRequest({
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    });
    done();
  });
}
