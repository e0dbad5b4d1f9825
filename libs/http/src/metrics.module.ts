import {
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { LOGGER, Metrics, MetricsServer, type Logger } from '#lib/telemetry';
import { listening } from './boot.js';

export interface MetricsOptions {
  metrics: Metrics;
  host: string;
  /** `CLAVIGER_METRICS_PORT`; null: metrics are kept and served nowhere. */
  port: number | null;
}

/** The open metrics port of a plane, from boot to shutdown. */
export class MetricsPort implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server: MetricsServer;
  /** Where it listens; null before, or when nobody asked for it. */
  port: number | null = null;

  constructor(
    private readonly options: MetricsOptions,
    private readonly log: Logger,
  ) {
    this.#server = new MetricsServer(options.metrics);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metrics, host, port } = this.options;
    if (port === null) return;
    const place = { host, port, setting: 'CLAVIGER_METRICS_PORT' };
    this.port = await listening(metrics.plane, place, () => this.#server.listen(port, host));
    this.log.info({ host, port: this.port }, 'metrics are served');
  }

  onApplicationShutdown(): Promise<void> {
    return this.#server.close();
  }
}

/** Gives a process its `Metrics`, and its metrics port where the operator wants one. */
@Global()
@Module({})
export class MetricsModule {
  static forRoot(options: MetricsOptions): DynamicModule {
    return {
      module: MetricsModule,
      providers: [
        { provide: Metrics, useValue: options.metrics },
        {
          provide: MetricsPort,
          inject: [LOGGER],
          useFactory: (log: Logger) => new MetricsPort(options, log),
        },
      ],
      exports: [Metrics],
    };
  }
}
