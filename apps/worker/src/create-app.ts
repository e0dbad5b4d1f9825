import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { WorkerConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import { createHttpApp } from '#lib/http';
import { createLogger, Metrics } from '#lib/telemetry';
import { AppModule } from './app.module.js';

/** The worker. No tenant ever reaches its port, so the probes' and the operator's `/metrics` are all that it serves. */
export async function createApp(config: WorkerConfig, resolver?: Resolver): Promise<NestFastifyApplication> {
  const log = createLogger({ process: 'worker', level: config.logLevel });
  const metrics = new Metrics('worker');
  const app = await createHttpApp(AppModule.register(config, metrics, resolver), {
    log,
    metrics,
    trustProxy: config.trustedProxies,
  });
  app
    .getHttpAdapter()
    .getInstance()
    .get('/metrics', async (_request, reply) => {
      const { contentType, text } = await metrics.print();
      return reply.type(contentType).send(text);
    });
  app.enableShutdownHooks();
  return app;
}
