import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertEveryRouteDeclares } from '#lib/access';
import type { ApiConfig } from '#lib/config';
import type { Resolver } from '#lib/egress';
import { buildOpenApi, createHttpApp, requestContext, OpenApiHolder } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { createLogger, Metrics } from '#lib/telemetry';
import { AppModule } from './app.module.js';
import { API_DOCUMENT } from './document-info.js';

export interface CreateAppOptions {
  clock?: Clock;
  /** How names of tenants' URLs become addresses; the system's resolver unless told. */
  resolver?: Resolver;
  /** Enough to emit the document: no provider is made, no connection opened. */
  preview?: boolean;
}

/** The control plane, ready to listen. Throws when a route declares no permission. */
export async function createApp(
  config: ApiConfig,
  options: CreateAppOptions = {},
): Promise<NestFastifyApplication> {
  const log = createLogger({
    process: 'api',
    level: config.logLevel,
    context: () => requestContext.logFields,
  });
  const metrics = new Metrics('api');
  const app = await createHttpApp(AppModule.register(config, { ...options, metrics }), {
    prefix: 'api/v1',
    log,
    metrics,
    trustProxy: ['loopback', ...config.trustedProxies],
    preview: options.preview ?? false,
  });
  if (options.preview) return app;
  app.enableShutdownHooks();
  await app.init();
  assertEveryRouteDeclares(app);
  app.get(OpenApiHolder).document = buildOpenApi(app, API_DOCUMENT);
  return app;
}
