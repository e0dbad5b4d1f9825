import type { RawExchange } from '#lib/http';
import type { Logger, Metrics } from '#lib/telemetry';

/** Counts and logs what is answered before the router, as its own hooks do for all else. A call of a model has a line of its own. */
export function tellAnswered(log: Pick<Logger, 'info' | 'error'>, metrics: Pick<Metrics, 'httpRequest'>) {
  return (route: string, exchange: RawExchange): void => {
    const startedMs = performance.now();
    exchange.response.once('close', () => {
      const elapsedMs = performance.now() - startedMs;
      const status = exchange.response.statusCode;
      metrics.httpRequest({ method: 'POST', route, status, seconds: elapsedMs / 1_000 });
      if (exchange.isTold) return;
      const { requestId, trace } = exchange.store;
      const durationMs = Math.round(elapsedMs * 10) / 10;
      const fields = {
        ...{ requestId, traceId: trace.traceId, spanId: trace.spanId },
        ...{ method: 'POST', route, status, durationMs },
      };
      if (status >= 500) log.error(fields, 'request failed');
      else log.info(fields, 'request');
    });
  };
}
