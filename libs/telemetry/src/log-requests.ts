import type { IncomingHttpHeaders } from 'node:http';
import type { LogFields } from './log-fields.js';
import type { Logger } from './logger.js';

/** What is used of a Fastify request: the matched route's pattern, never the raw URL, whose query may hold anything. */
interface RoutedRequest {
  /** The request's id: the context of the call is gone when its answer is out. */
  id: string;
  ip: string;
  headers: IncomingHttpHeaders;
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

const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/** Logs one line per answered request: method, route pattern, status and duration. Probes are logged only when they fail. */
export function logRequests(
  server: HookableServer,
  logger: Pick<Logger, 'info' | 'error'>,
  /** Further fields of a request that correlate its lines. */
  more: (request: RoutedRequest) => LogFields = () => ({}),
): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const status = reply.statusCode;
    if (status >= 400 || !QUIET.has(route)) {
      const fields = {
        requestId: request.id,
        ...more(request),
        method: request.method,
        route,
        status,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      };
      if (status >= 500) logger.error(fields, 'request failed');
      else logger.info(fields, 'request');
    }
    done();
  });
}
