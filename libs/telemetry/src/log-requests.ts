import { onAnswered, type HookableServer, type RoutedRequest } from './answered-requests.js';
import type { LogFields } from './log-fields.js';
import type { Logger } from './logger.js';

const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/** Logs one line per answered request: method, route pattern, status and duration. Probes are logged only when they fail. */
export function logRequests(
  server: HookableServer,
  logger: Pick<Logger, 'info' | 'error'>,
  /** Further fields of a request that correlate its lines. */
  more: (request: RoutedRequest) => LogFields = () => ({}),
): void {
  onAnswered(server, ({ elapsedMs, ...answered }, request) => {
    if (answered.status < 400 && QUIET.has(answered.route)) return;
    const durationMs = Math.round(elapsedMs * 10) / 10;
    const fields = { requestId: request.id, ...more(request), ...answered, durationMs };
    if (answered.status >= 500) logger.error(fields, 'request failed');
    else logger.info(fields, 'request');
  });
}
