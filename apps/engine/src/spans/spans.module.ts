import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { EngineConfig, TracingConfig } from '#lib/config';
import { collectorFetch, type Resolver } from '#lib/egress';
import { LOGGER, Metrics, Tracing, type ExportObserver, type Logger, type OtlpPost } from '#lib/telemetry';
import { ENGINE_ID } from '../tokens.js';
import { Spans } from './spans.js';

/** A collector that is away is told of once in this time, in milliseconds. */
const QUIET_MS = 60_000;

/** Spans, where the operator named a collector (OTEL_EXPORTER_OTLP_ENDPOINT). */
@Global()
@Module({})
export class SpansModule implements OnApplicationShutdown {
  constructor(private readonly tracing: Tracing) {}

  static register(config: EngineConfig, resolver?: Resolver): DynamicModule {
    const tracing = {
      provide: Tracing,
      inject: [ENGINE_ID, Metrics, LOGGER],
      useFactory: (engineId: string, metrics: Metrics, log: Logger) =>
        tracingOf(config, engineId, observerOf(metrics, log), resolver),
    };
    return { module: SpansModule, providers: [tracing, Spans], exports: [Spans] };
  }

  /** After everything that makes spans. */
  onApplicationShutdown(): Promise<void> {
    return this.tracing.shutdown();
  }
}

function tracingOf(
  config: EngineConfig,
  engineId: string,
  observer: ExportObserver,
  resolver: Resolver | undefined,
): Tracing {
  const { tracing } = config;
  if (!tracing) return new Tracing(null);
  const { protocol, sampler } = tracing;
  const resource = { 'service.instance.id': engineId, ...tracing.resource };
  return new Tracing({ protocol, sampler, resource, observer, post: postTo(tracing, config, resolver) });
}

function postTo(tracing: TracingConfig, config: EngineConfig, resolver: Resolver | undefined): OtlpPost {
  const { url, timeoutMs } = tracing;
  const { tracing: _, ...settings } = config;
  const send = collectorFetch(url, settings, timeoutMs, resolver);
  return async (body, contentType) => {
    const headers = { ...tracing.headers(), 'content-type': contentType };
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await send(url, { method: 'POST', headers, body: Buffer.from(body), signal });
    await answer.arrayBuffer();
    return answer.status;
  };
}

function observerOf(metrics: Metrics, log: Logger): ExportObserver {
  let quietUntil = 0;
  return (outcome, count) => {
    metrics.spans(outcome, count);
    if (outcome !== 'lost' || performance.now() < quietUntil) return;
    quietUntil = performance.now() + QUIET_MS;
    log.warn({ count }, 'spans were lost: the collector did not take them');
  };
}
