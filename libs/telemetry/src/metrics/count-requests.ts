import { onAnswered, type HookableServer } from '../answered-requests.js';
import type { Metrics } from './metrics.js';

/** Measures every answered request under its route's pattern. */
export function countRequests(server: HookableServer, metrics: Pick<Metrics, 'httpRequest'>): void {
  onAnswered(server, ({ elapsedMs, ...answered }) =>
    metrics.httpRequest({ ...answered, seconds: elapsedMs / 1_000 }),
  );
}
